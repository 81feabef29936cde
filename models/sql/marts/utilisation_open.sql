-- Seconds that one EVSE with each set of opening hours is open in 28 days, by local weekday and
-- hour; the empty key stands for open at all hours.
create or replace temp table utilisation_open as
with hours as (
    select
        hours_key,
        timezone(zone, greatest(from_at, $today - interval 28 days)) as from_at,
        timezone(zone, least(until_at, $today)) as until_at
    from availability_hours
    where from_at < $today
        and until_at > $today - interval 28 days
),

cut as (
    select
        hours_key, from_at, until_at,
        unnest(generate_series(date_trunc('hour', from_at), until_at, interval 1 hour)) as hour_at
    from hours
),

limited as (
    select
        hours_key,
        isodow(hour_at) as weekday,
        hour(hour_at) as hour,
        sum(greatest(
            epoch(least(until_at, hour_at + interval 1 hour)) - epoch(greatest(from_at, hour_at)),
            0
        )) as open_s
    from cut
    group by all
)

select hours_key, weekday, hour, cast(open_s as bigint) as open_s from limited
union all
select '' as hours_key, d.weekday, h.hour, 4 * 3600 as open_s
from (select unnest(range(1, 8)) as weekday) as d
cross join (select unnest(range(0, 24)) as hour) as h
