-- Outages of one window: how many, how long they took to mend, how long EVSEs ran between them.
with chosen as (
    select canonical_evse
    from matching_evses($places)
),

as_of as (
    select newest_page_at(null) as as_of_at
),

counted as (
    select
        count(*) as outage_count,
        count(*) filter (where o.to_at is null) as lasting_count,
        avg(o.length_h) filter (where o.to_at is not null) as mttr_h,
        avg(o.length_h) filter (where o.to_at is null) as lasting_mean_h,
        count(*) filter (where o.from_at >= m.as_of_at - to_days($days)) as begun_count
    from mart.outages as o
    join chosen as c on o.canonical_evse = c.canonical_evse
    cross join as_of as m
    where coalesce(o.to_at, m.as_of_at) > m.as_of_at - to_days($days)
        and ($basis = 'stated' or o.seen_to_begin)
),

up as (
    select
        sum(a.covered_s - a.inoperative_s - a.outoforder_s - a.planned_s - a.removed_s) as up_s,
        sum(a.covered_s) / nullif(sum(a.window_s), 0) as coverage_share
    from mart.availability as a
    join chosen as c on a.canonical_evse = c.canonical_evse
    where a.basis = $basis and a."window" = $window
)

select
    n.outage_count, n.lasting_count, n.mttr_h, n.lasting_mean_h, n.begun_count, u.coverage_share,
    u.up_s / 3600 / nullif(n.begun_count, 0) as mtbf_h
from counted as n
cross join up as u
