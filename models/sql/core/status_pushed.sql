-- An interval for each pushed change of status.
insert into core.evse_status by name
select
    s.partner, s.country_code, s.party_id, s.location_id, s.evse_uid, s.canonical_evse, s.status,
    s.from_at, s.to_at, s.fetched_at as observed_from_at,
    coalesce(s.to_at, s.fetched_at) as observed_until_at, s.page_id,
    case when s.to_at is not null then true end as end_pushed
from status_changes as s
