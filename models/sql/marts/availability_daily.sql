-- The last 31 days, day by day, for groups of EVSEs.
insert into mart.availability_daily by name
-- Days are counted in microseconds: arithmetic on moments, which minds zones, takes many times as
-- long.
with spans as (
    select
        group_number, observed, status,
        greatest(
            epoch_us(from_at), epoch_us(date_trunc('day', $as_of - interval 30 days))
        ) as from_us,
        epoch_us(until_at) as until_us
    from availability_spans
    where until_at > date_trunc('day', $as_of - interval 30 days)
),

days as (
    select *, unnest(range(from_us // {day_us}, until_us // {day_us} + 1)) as day_number
    from spans
),

lengths as (
    select
        date '1970-01-01' + cast(day_number as integer) as day_on, group_number, observed, status,
        sum(
            least(until_us, (day_number + 1) * {day_us}) - greatest(from_us, day_number * {day_us})
        ) as length_us
    from days
    group by all
    having length_us > 0
),

grouped as (
    select l.day_on, l.observed, l.status, l.length_us, {keys}
    from lengths as l
    join (select distinct group_number, {keys} from availability_places) as p
        on l.group_number = p.group_number
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
