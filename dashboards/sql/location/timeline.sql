-- The statuses of a location's EVSEs in the last days: what was seen, and what only the partner
-- says of the time before we first looked.
with as_of as (
    select max(fetched_at) as as_of_at from ops.pages
),

known as (
    select
        s.evse_uid, s.status, s.from_at, s.to_at, s.observed_until_at,
        min(s.observed_from_at) over (partition by s.evse_uid) as first_look_at,
        m.as_of_at - to_days($days) as since_at,
        m.as_of_at
    from core.evse_status as s
    cross join as_of as m
    where s.partner = $partner and s.country_code = $country_code
        and s.party_id = $party_id and s.location_id = $id
),

parts as (
    select
        evse_uid, status, 'observed' as basis,
        greatest(from_at, first_look_at) as start_at,
        least(observed_until_at, as_of_at) as end_at,
        since_at
    from known
    union all by name
    select
        evse_uid, status, 'stated by the partner' as basis,
        from_at as start_at,
        least(observed_until_at, first_look_at, as_of_at) as end_at,
        since_at
    from known
)

select evse_uid, status, basis, greatest(start_at, since_at) as start_at, end_at
from parts
where end_at > greatest(start_at, since_at)
order by evse_uid, start_at
