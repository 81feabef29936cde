-- The spans with the time their place had been open before each end: what lies between two
-- moments is the difference. Places that never close, the empty key, are open all the time.
create or replace temp table availability_opened as
with hours as (
    select
        hours_key, from_at, until_at,
        coalesce(sum(epoch_us(until_at) - epoch_us(from_at)) over (
            partition by hours_key order by from_at
            rows between unbounded preceding and 1 preceding
        ), 0) as open_before_us
    from availability_hours
),

moments as (
    select distinct hours_key, from_at as moment_at from availability_spans where hours_key <> ''
    union
    select distinct hours_key, until_at as moment_at from availability_spans where hours_key <> ''
),

opened as (
    select
        m.hours_key, m.moment_at,
        cast(coalesce(
            h.open_before_us + epoch_us(least(m.moment_at, h.until_at)) - epoch_us(h.from_at), 0
        ) as bigint) as open_us
    from moments as m
    asof left join hours as h on m.hours_key = h.hours_key and m.moment_at >= h.from_at
)

select
    s.*,
    coalesce(f.open_us, epoch_us(s.from_at)) as open_from_us,
    coalesce(u.open_us, epoch_us(s.until_at)) as open_until_us
from availability_spans as s
left join opened as f on s.hours_key = f.hours_key and s.from_at = f.moment_at
left join opened as u on s.hours_key = u.hours_key and s.until_at = u.moment_at
