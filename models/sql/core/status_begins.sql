-- A new status, or the first one seen of an EVSE, or the first after it came back.
insert into core.evse_status by name
select
    o.partner, o.country_code, o.party_id, o.location_id, o.evse_uid, o.canonical_evse, o.status,
    o.from_at, null as to_at, o.fetched_at as observed_from_at, o.fetched_at as observed_until_at,
    o.page_id
from status_observed as o
where not o.goes_on
