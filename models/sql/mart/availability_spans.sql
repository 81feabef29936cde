-- What is known of each EVSE's status, for a year: from when, as the partner dates it; of that,
-- from when after our first look at the EVSE; until when it was seen. Minutes after that, up to
-- the next status, nobody observed.
create or replace temp table availability_spans as
with known as (
    select
        e.canonical_evse,
        s.status,
        s.from_at,
        least(s.observed_until_at, $as_of) as until_at,
        min(s.observed_from_at) over (partition by e.canonical_evse) as first_look_at
    from mart.evses as e
    join core.evse_status as s
        on e.partner = s.partner and e.country_code = s.country_code
        and e.party_id = s.party_id and e.location_id = s.location_id and e.uid = s.evse_uid
),

by_basis as (
    select
        canonical_evse, 'observed' as basis, status, until_at,
        greatest(from_at, first_look_at) as from_at
    from known
    union all by name
    select canonical_evse, 'stated' as basis, status, until_at, from_at
    from known
)

select
    canonical_evse,
    basis,
    status,
    greatest(from_at, $as_of - interval 366 days) as from_at,
    until_at
from by_basis
where until_at > greatest(from_at, $as_of - interval 366 days)
