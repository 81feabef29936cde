-- What our drivers charged in the 28 days before the day of the newest page, with local times:
-- CDRs, with the energy that reconciliation counts, and ended sessions that none bills. Parking is
-- taken to lie at the end.
create or replace temp table utilisation_charges as
with span as (
    select
        $today - interval 28 days as since_at,
        $today as before_at
),

billed as (
    select
        c.partner, c.country_code, c.party_id, c.location_id, c.evse_uid, c.start_at, c.end_at,
        coalesce(r.energy_kwh, c.total_energy_kwh) as energy_kwh,
        c.total_parking_time_h as parking_h,
        c.time_zone
    from core.cdrs as c
    left join recon.cdrs as r using (partner, country_code, party_id, id)
    where not c.credit and not c.home_charging_compensation
),

unbilled as (
    select
        s.partner, s.country_code, s.party_id, s.location_id, s.evse_uid, s.start_at, s.end_at,
        s.energy_kwh,
        cast(null as decimal(18, 9)) as parking_h,
        cast(null as varchar) as time_zone
    from core.sessions as s
    left join (
        select distinct partner, country_code, party_id, session_id
        from recon.cdrs
        where session_id is not null
    ) as b
        on s.partner = b.partner and s.country_code = b.country_code
            and s.party_id = b.party_id and s.id = b.session_id
    where s.status in ('COMPLETED', 'INVALID') and b.session_id is null
),

placed as (
    select
        e.canonical_evse,
        c.start_at, c.end_at, c.energy_kwh, c.parking_h,
        coalesce(e.time_zone, c.time_zone) as zone
    from (select * from billed union all by name select * from unbilled) as c
    join evse_keys as k
        on c.partner = k.partner and c.country_code = k.country_code
            and c.party_id = k.party_id and lower(c.location_id) = k.location_key
            and lower(c.evse_uid) = k.uid_key
    join availability_places as e on k.canonical_evse = e.canonical_evse
    cross join span as p
    -- A charge of more than three days is a mistake in its times, not use.
    where c.end_at > c.start_at and c.end_at - c.start_at <= interval 3 days
        and c.start_at >= p.since_at and c.start_at < p.before_at
)

select
    canonical_evse, start_at, end_at, energy_kwh, parking_h,
    cast((epoch_us(end_at) - epoch_us(start_at)) / 3600000000.0 as decimal(18, 9)) as connected_h,
    timezone(zone, start_at) as local_start,
    timezone(zone, end_at) as local_end,
    greatest(
        timezone(zone, start_at),
        timezone(zone, end_at)
        - to_microseconds(cast(coalesce(parking_h, 0) * 3600000000 as bigint))
    ) as local_charged
from placed
