-- The windows, and the time that places with each set of opening hours had been open before they
-- begin.
create or replace temp table availability_windows as
with windows (window_name, window_from_at) as (
    values
    ('7d', $as_of - interval 7 days),
    ('30d', $as_of - interval 30 days),
    ('12m', $as_of - interval 365 days),
    ('year', date_trunc('year', $as_of))
)

select
    w.window_name, w.window_from_at, h.hours_key,
    cast(sum(
        greatest(epoch_us(least(h.until_at, w.window_from_at)) - epoch_us(h.from_at), 0)
    ) as bigint) as open_us
from windows as w
cross join availability_hours as h
group by all
union all
select window_name, window_from_at, '' as hours_key, epoch_us(window_from_at) as open_us
from windows
