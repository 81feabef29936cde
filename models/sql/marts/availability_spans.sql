-- What is known of each EVSE's status, for a year: what was observed, and before our first look at
-- the EVSE what only the partner's own dates tell.
create or replace temp table availability_spans as
select
    e.evse_number,
    e.group_number,
    e.hours_key,
    s.status,
    s.observed,
    s.is_live,
    greatest(s.from_at, $as_of - interval 366 days) as from_at,
    s.until_at
from availability_places as e
join status_spans($as_of, null, null, null, null) as s
    on e.partner = s.partner and e.country_code = s.country_code
        and e.party_id = s.party_id and e.location_id = s.location_id and e.uid = s.evse_uid
where s.until_at > $as_of - interval 366 days
