-- The statuses of a location's EVSEs in the last days: what was seen, and what only the partner
-- says of the time before we first looked.
with as_of as (
    select newest_page_at(null) as as_of_at
)

select
    s.evse_uid, s.status,
    if(s.observed, 'observed', 'stated by the partner') as basis,
    greatest(s.from_at, m.as_of_at - to_days($days)) as start_at,
    s.until_at as end_at
from status_spans((select as_of_at from as_of), $partner, $country_code, $party_id, $id) as s
cross join as_of as m
where s.until_at > m.as_of_at - to_days($days)
order by s.evse_uid, start_at
