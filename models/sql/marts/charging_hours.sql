-- How much of the observed time of the last 28 days EVSEs showed CHARGING, whoever charged, by local
-- weekday and hour. An interval counts from the full hour in which it begins to that in which it ends;
-- what lies before and after it in those two is set right: a long one costs no more than a short one.
insert into mart.charging_hours by name
with kinds as (
    select group_number, zone, 'observed' as kind, from_us, until_us from charging_spans
    union all
    select group_number, zone, 'charging', from_us, until_us from charging_spans where charging
),

edges as (
    select
        group_number, zone, kind, hour_number,
        cast(sum(step) as bigint) as step,
        cast(sum(correction_us) as bigint) as correction_us
    from (
        select
            group_number, zone, kind, from_us // 3600000000 as hour_number, 1 as step,
            -(from_us % 3600000000) as correction_us
        from kinds
        union all
        select
            group_number, zone, kind, until_us // 3600000000, -1, until_us % 3600000000
        from kinds
    )
    group by all
),

running as (
    select
        group_number, zone, kind, hour_number, correction_us,
        cast(sum(step) over so_far as bigint) as open_count,
        lead(hour_number) over so_far as next_hour_number
    from edges
    window so_far as (partition by group_number, zone, kind order by hour_number)
),

hours as (
    select
        group_number, zone, kind, hour_number as changed_number, open_count, correction_us,
        unnest(range(
            hour_number, if(open_count = 0, hour_number + 1, next_hour_number)
        )) as hour_number
    from running
),

local_hours as (
    select zone, hour_number, isodow(local_at) as weekday, hour(local_at) as hour
    from (
        select
            zone, hour_number,
            timezone(
                zone,
                make_timestamptz(epoch_us($today - interval 28 days) + hour_number * 3600000000)
            ) as local_at
        from (select distinct zone from charging_spans)
        cross join (select unnest(range(0, 28 * 24)) as hour_number)
    )
),

spent as (
    select
        group_number, zone, kind, hour_number,
        open_count * 3600000000 + if(hour_number = changed_number, correction_us, 0) as spent_us
    from hours
),

totals as (
    select
        s.group_number, l.weekday, l.hour,
        cast(coalesce(sum(s.spent_us) filter (where s.kind = 'charging'), 0) as bigint)
        // 1000000 as charging_s,
        cast(coalesce(sum(s.spent_us) filter (where s.kind = 'observed'), 0) as bigint)
        // 1000000 as observed_s
    from spent as s
    join local_hours as l on s.zone = l.zone and s.hour_number = l.hour_number
    group by s.group_number, l.weekday, l.hour
)

select
    g.partner, g.country_code, g.party_id, g.country, g.region, g.city, g.operator, g.power_class,
    t.weekday, t.hour, t.charging_s, t.observed_s
from totals as t
join (
    select distinct
        group_number, partner, country_code, party_id, country, region, city, operator,
        power_class
    from availability_places
) as g on t.group_number = g.group_number
where t.observed_s > 0
