-- Outages of one window: how many, how long they took to mend, how long EVSEs ran between them.
with chosen as (
    select canonical_evse
    from mart.evses
    where removed_at is null
    and ($partner is null or partner = $partner)
    and ($party is null or country_code || '/' || party_id = $party)
    and ($country is null or country = $country)
    and ($operator is null or operator = $operator)
    and ($power is null or power_class = $power)
    and ($standard is null or list_contains(standards, $standard))
),

as_of as (
    select max(fetched_at) as as_of_at from ops.pages
),

counted as (
    select
        count(*) as outage_count,
        count(*) filter (where o.to_at is null) as lasting_count,
        avg(o.length_h) filter (where o.to_at is not null) as mttr_h,
        avg(o.length_h) filter (where o.to_at is null) as lasting_mean_h,
        count(*) filter (where o.from_at >= m.as_of_at - to_days($days)) as begun_count,
        count(*) filter (where not o.seen_to_begin) as dated_count
    from mart.outages as o
    join chosen as c on o.canonical_evse = c.canonical_evse
    cross join as_of as m
    where coalesce(o.to_at, m.as_of_at) > m.as_of_at - to_days($days)
        and ($basis = 'stated' or o.seen_to_begin)
),

up as (
    select
        sum(a.covered_s - a.inoperative_s - a.outoforder_s - a.planned_s - a.removed_s) as up_s
    from mart.availability as a
    join chosen as c on a.canonical_evse = c.canonical_evse
    where a.basis = $basis and a."window" = $window
)

select
    n.*,
    u.up_s / 3600 / nullif(n.begun_count, 0) as mtbf_h
from counted as n
cross join up as u
