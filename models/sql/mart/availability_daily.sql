-- The last 31 days, day by day, for groups of EVSEs.
insert into mart.availability_daily by name
with days as (
    select
        canonical_evse, observed, status, from_at, until_at,
        unnest(generate_series(
            date_trunc('day', greatest(from_at, $as_of - interval 30 days)),
            until_at,
            interval 1 day
        )) as day_at
    from availability_spans
    where until_at > date_trunc('day', $as_of - interval 30 days)
),

lengths as (
    select
        canonical_evse, observed, status, day_at,
        greatest(
            epoch_us(least(until_at, day_at + interval 1 day)) - epoch_us(greatest(from_at, day_at)),
            0
        ) as length_us
    from days
),

grouped as (
    select
        cast(l.day_at as date) as day_on, l.observed, l.status,
        {group},
        sum(l.length_us) as length_us
    from lengths as l
    join mart.evses as e on l.canonical_evse = e.canonical_evse
    group by all
    having sum(l.length_us) > 0
)

select
    g.day_on, b.basis, {keys},
    sum(length_us) // 1000000 as covered_s,
    coalesce(sum(length_us) filter (
        where status in ('AVAILABLE', 'CHARGING', 'RESERVED')
    ), 0) // 1000000 as working_s,
    coalesce(sum(length_us) filter (where status = 'UNKNOWN'), 0) // 1000000 as unknown_s,
    coalesce(sum(length_us) filter (
        where status in ('INOPERATIVE', 'OUTOFORDER')
    ), 0) // 1000000 as outage_s,
    coalesce(sum(length_us) filter (
        where status in ('PLANNED', 'REMOVED')
    ), 0) // 1000000 as left_out_s
from grouped as g
join (values ('observed'), ('stated')) as b(basis) on g.observed or b.basis = 'stated'
group by g.day_on, b.basis, {keys}
