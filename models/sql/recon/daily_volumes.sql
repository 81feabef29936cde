-- Facts about each day of a connection: its CDRs by the end of the charge, and the median of the
-- same weekday of the four weeks before. A day is judged when it is over for a day.
with counted as (
    select c.partner, make_timestamptz(c.day_number * 86400000000) as day_at, count(*) as cdr_count
    from (
        select c.*, epoch_us(c.end_at) // 86400000000 as day_number from core.cdrs as c
    ) as c
    where not c.credit
        and c.end_at < $as_of::timestamptz
        and c.end_at >= $as_of::timestamptz - interval 400 days
    group by c.partner, c.day_number
),
days as (
    select
        f.partner,
        unnest(generate_series(
            f.first_at, date_trunc('day', $as_of::timestamptz) - interval 2 days, interval 1 day
        )) as day_at
    from (
        select c.partner, min(c.day_at) as first_at from counted as c group by c.partner
    ) as f
),
filled as (
    select d.partner, d.day_at, coalesce(c.cdr_count, 0) as cdr_count
    from days as d
    left join counted as c on c.partner = d.partner and c.day_at = d.day_at
),
compared as (
    select
        f.partner, f.day_at, f.cdr_count,
        count(*) over weeks_before as weeks,
        median(f.cdr_count) over weeks_before as usual_count
    from filled as f
    window weeks_before as (
        partition by f.partner, dayofweek(f.day_at)
        order by f.day_at
        rows between 4 preceding and 1 preceding
    )
)
select
    c.partner,
    '*' as country_code,
    '*' as party_id,
    'cdrs ' || strftime(c.day_at, '%Y-%m-%d') as subject_id,
    cast(null as varchar) as currency,
    c.day_at,
    c.cdr_count,
    cast(c.usual_count as decimal(18, 6)) as usual_count
from compared as c
where c.weeks = 4
order by c.partner, c.day_at
