-- Energy, time and success of our drivers' charges by group of EVSEs.
insert into mart.usage by name
with open_hours as (
    select hours_key, cast(sum(open_s) / 3600.0 as decimal(18, 9)) as open_h
    from utilisation_open
    group by hours_key
),

places as (
    select
        e.partner, e.country_code, e.party_id, e.country, e.region,
        e.city, e.operator, e.power_class,
        count(*) as evse_count,
        cast(sum(o.open_h) as decimal(18, 9)) as open_h,
        cast(sum(o.open_h * e.power_kw) as decimal(18, 6)) as capacity_kwh
    from availability_places as e
    join open_hours as o on e.hours_key = o.hours_key
    where e.removed_at is null
    group by all
),

used as (
    select
        e.partner, e.country_code, e.party_id, e.country, e.region,
        e.city, e.operator, e.power_class,
        count(*) as charge_count,
        count(*) filter (
            where c.energy_kwh >= 0.1 and c.end_at - c.start_at >= interval 2 minutes
        ) as success_count,
        sum(c.energy_kwh) as energy_kwh,
        sum(c.energy_kwh) filter (where e.power_kw is not null) as rated_energy_kwh,
        sum(c.connected_h) as connected_h,
        sum(greatest(c.connected_h - coalesce(c.parking_h, 0), 0)) as charging_h,
        sum(c.connected_h) filter (where c.parking_h is not null) as connected_stated_h,
        sum(least(c.parking_h, c.connected_h)) as parking_h
    from utilisation_charges as c
    join availability_places as e on c.canonical_evse = e.canonical_evse
    where e.removed_at is null
    group by all
)

select
    p.*,
    coalesce(u.charge_count, 0) as charge_count,
    coalesce(u.success_count, 0) as success_count,
    coalesce(u.energy_kwh, 0) as energy_kwh,
    coalesce(u.rated_energy_kwh, 0) as rated_energy_kwh,
    coalesce(u.connected_h, 0) as connected_h,
    coalesce(u.charging_h, 0) as charging_h,
    coalesce(u.connected_stated_h, 0) as connected_stated_h,
    coalesce(u.parking_h, 0) as parking_h
from places as p
left join used as u
    using (partner, country_code, party_id, country, region, city, operator, power_class)
