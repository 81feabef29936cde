-- The periods of the differing CDRs in the order of time, with how long each lasted.
with periods as (
    select
        d.cdr_row, d.end_at,
        p.* replace (
            -- An agreed price is for every period, whatever tariff that names.
            case when d.tariff_source = 'agreement' and len(d.tariff_ids) = 1 then null else p.tariff_id end
                as tariff_id
        ),
        row_number() over (partition by d.cdr_row order by p.start_at, p.period_index) - 1 as place,
        lead(p.start_at) over (partition by d.cdr_row order by p.start_at, p.period_index) as next_at
    from recon_differing as d
    join core.charging_periods as p
        on p.partner = d.partner and p.country_code = d.country_code
            and p.party_id = d.party_id and p.cdr_id = d.id
)
select
    p.cdr_row, cast(p.place as integer) as period_index, p.start_at, p.tariff_id,
    p.energy_kwh, p.time_h, p.time_h_decimals, p.parking_time_h, p.parking_time_h_decimals,
    p.reservation_time_h, p.reservation_time_h_decimals,
    p.min_current_a, p.max_current_a, p.min_power_kw, p.max_power_kw, p.unknown_dimensions,
    cast((epoch_us(coalesce(p.next_at, p.end_at)) - epoch_us(p.start_at)) // 1000000 as bigint)
        as length_s
from periods as p
order by p.cdr_row, p.place
