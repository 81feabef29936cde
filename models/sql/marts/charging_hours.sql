-- How much of the observed time of the last 28 days EVSEs showed CHARGING, whoever charged, by local
-- weekday and hour. Time until each full hour is added up from where intervals begin and end, so that
-- a long interval costs no more than a short one.
insert into mart.charging_hours by name
with bounds as (
    select
        epoch_us(date_trunc('day', $as_of) - interval 28 days) as since_us,
        28 * 86400000000 as length_us
),

clipped as (
    select
        p.group_number, coalesce(p.time_zone, 'UTC') as zone, s.status = 'CHARGING' as charging,
        greatest(epoch_us(s.from_at) - b.since_us, 0) as from_us,
        least(epoch_us(s.until_at) - b.since_us, b.length_us) as until_us
    from availability_spans as s
    join availability_places as p on s.evse_number = p.evse_number
    cross join bounds as b
    where s.observed and p.removed_at is null and epoch_us(s.until_at) > b.since_us
        and epoch_us(s.from_at) < b.since_us + b.length_us
),

kinds as (
    select group_number, zone, 'observed' as kind, from_us, until_us from clipped
    union all
    select group_number, zone, 'charging', from_us, until_us from clipped where charging
),

changes as (
    select group_number, zone, kind, at_us, sum(step) as step, sum(step * at_us) as moment
    from (
        select group_number, zone, kind, from_us as at_us, 1 as step from kinds
        union all
        select group_number, zone, kind, until_us, -1 from kinds
    )
    group by all
),

running as (
    select
        group_number, zone, kind, at_us,
        sum(step) over so_far as open_count,
        sum(moment) over so_far as open_moment
    from changes
    window so_far as (partition by group_number, zone, kind order by at_us)
),

full_hours as (
    select g.group_number, g.zone, g.kind, h.at_us
    from (select distinct group_number, zone, kind from kinds) as g
    cross join (select unnest(range(0, 28 * 24 + 1)) * 3600000000 as at_us) as h
),

until_hour as (
    select
        h.group_number, h.zone, h.kind, h.at_us,
        coalesce(h.at_us * r.open_count - r.open_moment, 0) as spent_us
    from full_hours as h
    asof left join running as r
        on h.group_number = r.group_number and h.zone = r.zone and h.kind = r.kind
            and h.at_us >= r.at_us
),

in_hour as (
    select
        group_number, zone, kind, at_us,
        lead(spent_us) over (partition by group_number, zone, kind order by at_us) - spent_us
            as spent_us
    from until_hour
),

local_hours as (
    select zone, at_us, timezone(zone, make_timestamptz(b.since_us + at_us)) as local_at
    from (select distinct zone, at_us from full_hours)
    cross join bounds as b
),

totals as (
    select
        i.group_number, isodow(l.local_at) as weekday, hour(l.local_at) as hour,
        cast(coalesce(sum(i.spent_us) filter (where i.kind = 'charging'), 0) as bigint)
        // 1000000 as charging_s,
        cast(coalesce(sum(i.spent_us) filter (where i.kind = 'observed'), 0) as bigint)
        // 1000000 as observed_s
    from in_hour as i
    join local_hours as l on i.zone = l.zone and i.at_us = l.at_us
    group by i.group_number, isodow(l.local_at), hour(l.local_at)
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
