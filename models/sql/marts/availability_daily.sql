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
    select
        group_number, observed, status, from_us, until_us,
        unnest(range(from_us // 86400000000, until_us // 86400000000 + 1)) as day_number
    from spans
),

lengths as (
    select
        date '1970-01-01' + cast(day_number as integer) as day_on, group_number, observed, status,
        sum(
            least(until_us, (day_number + 1) * 86400000000)
            - greatest(from_us, day_number * 86400000000)
        ) as length_us
    from days
    group by all
    having length_us > 0
),

totals as (
    select
        l.day_on, b.basis, l.group_number,
        whole_seconds(sum(length_us)) as covered_s,
        whole_seconds(sum(length_us) filter (
            where status in ('AVAILABLE', 'CHARGING', 'RESERVED')
        )) as working_s,
        whole_seconds(sum(length_us) filter (where status = 'UNKNOWN')) as unknown_s,
        whole_seconds(sum(length_us) filter (
            where status in ('INOPERATIVE', 'OUTOFORDER')
        )) as outage_s,
        whole_seconds(sum(length_us) filter (
            where status in ('PLANNED', 'REMOVED')
        )) as left_out_s
    from lengths as l
    join (values ('observed'), ('stated')) as b (basis) on l.observed or b.basis = 'stated'
    group by l.day_on, b.basis, l.group_number
)

select
    t.day_on, t.basis, g.partner, g.country_code, g.party_id, g.country, g.region, g.city,
    g.operator, g.power_class, t.covered_s, t.working_s, t.unknown_s, t.outage_s, t.left_out_s
from totals as t
join (
    select distinct
        group_number, partner, country_code, party_id, country, region, city, operator,
        power_class
    from availability_places
) as g on t.group_number = g.group_number
