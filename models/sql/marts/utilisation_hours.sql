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
        e.partner, e.country_code, e.party_id, e.country, e.region,
        coalesce(e.city, 'unknown') as city, e.operator, e.power_class,
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
    join mart.evses as e on c.canonical_evse = e.canonical_evse
    where e.removed_at is null
    group by all
),

places as (
    select
        e.partner, e.country_code, e.party_id, e.country, e.region,
        coalesce(e.city, 'unknown') as city, e.operator, e.power_class,
        o.weekday, o.hour, cast(sum(o.open_s) as bigint) as open_s
    from mart.evses as e
    join utilisation_open as o
        on case
                when e.hours_key in (select hours_key from availability_hours) then e.hours_key
                else ''
            end = o.hours_key
    where e.removed_at is null
    group by all
)

select
    p.*,
    coalesce(u.charging_s, 0) as charging_s,
    coalesce(u.connected_s, 0) as connected_s
from places as p
left join used as u
    using (
        partner, country_code, party_id, country, region, city, operator, power_class, weekday, hour
    )
