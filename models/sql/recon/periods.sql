-- recon_periods: sums over the charging periods of each CDR in focus, and whether they are in
-- order and inside it. A reservation period lasts until the next one starts.
create temp table recon_periods as
with periods as (
    select
        f.n, c.start_at as cdr_start_at, c.end_at as cdr_end_at,
        p.start_at, p.energy_kwh, p.time_h, p.parking_time_h, p.reservation_time_h, p.other_dimensions,
        lag(p.start_at) over in_order as before_at,
        lead(p.start_at) over in_order as after_at
    from recon_focus as f
    join recon_claims as c on c.n = f.n
    join core.charging_periods as p
        on p.partner = f.partner and p.country_code = f.country_code
            and p.party_id = f.party_id and p.cdr_id = f.id
    window in_order as (partition by f.n order by p.period_index)
)
select
    p.n,
    sum(p.energy_kwh) as energy_kwh,
    min(p.energy_kwh) as least_energy_kwh,
    sum(p.time_h) as time_h,
    sum(p.parking_time_h) as parking_h,
    sum(p.reservation_time_h) as reservation_h,
    bool_or(contains(p.other_dimensions, '"RESERVATION_EXPIRES"')) as reservation_expired,
    cast(count(*) filter (where p.start_at < p.before_at) as bigint) as out_of_order,
    cast(
        count(*) filter (where p.start_at < p.cdr_start_at or p.start_at > p.cdr_end_at) as bigint
    ) as outside,
    cast(coalesce(sum(
        epoch_us(coalesce(p.after_at, p.cdr_end_at)) - epoch_us(p.start_at)
    ) filter (where p.reservation_time_h > 0), 0) // 1000000 as bigint) as reservation_s
from periods as p
group by p.n
