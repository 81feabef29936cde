-- How busy each hour of the week is: charging and connected seconds against open ones. Local
-- times are cut as they stand on the clock, so the hour that a change of clocks repeats counts
-- once.
insert into mart.utilisation by name
with hours as (
    select
        canonical_evse, local_start, local_end, local_charged,
        unnest(generate_series(
            date_trunc('hour', local_start), local_end, interval 1 hour
        )) as hour_at
    from utilisation_charges
    where local_start is not null
),

used as (
    select
        e.group_number,
        isodow(hour_at) as weekday,
        hour(hour_at) as hour,
        cast(sum(greatest(
            epoch(least(local_charged, hour_at + interval 1 hour))
            - epoch(greatest(local_start, hour_at)),
            0
        )) as bigint) as charging_s,
        cast(sum(greatest(
            epoch(least(local_end, hour_at + interval 1 hour))
            - epoch(greatest(local_start, hour_at)),
            0
        )) as bigint) as connected_s
    from hours as c
    join availability_places as e on c.canonical_evse = e.canonical_evse
    where e.removed_at is null
    group by all
),

-- EVSEs of a group with the same hours are open alike: they are counted before hours are added up.
kinds as (
    select
        group_number,
        hours_key,
        count(*) as evse_count
    from availability_places
    where removed_at is null
    group by all
),

places as (
    select
        k.group_number, o.weekday, o.hour,
        cast(sum(o.open_s * k.evse_count) as bigint) as open_s
    from kinds as k
    join utilisation_open as o on k.hours_key = o.hours_key
    group by all
),

groups as (
    select distinct
        group_number, partner, country_code, party_id, country, region, city, operator,
        power_class
    from availability_places
)

select
    g.partner, g.country_code, g.party_id, g.country, g.region, g.city, g.operator, g.power_class,
    p.weekday, p.hour, p.open_s,
    coalesce(u.charging_s, 0) as charging_s,
    coalesce(u.connected_s, 0) as connected_s
from places as p
join groups as g on p.group_number = g.group_number
left join used as u
    on p.group_number = u.group_number and p.weekday = u.weekday and p.hour = u.hour
