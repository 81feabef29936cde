-- The CDRs of one batch.
select
    cdr_number,
    partner,
    country_code,
    party_id,
    id,
    start_at,
    end_at,
    currency,
    period_count,
    total_energy_kwh,
    total_time_h,
    total_parking_time_h,
    total_cost_excl_vat,
    total_cost_incl_vat,
    credit,
    home_charging_compensation,
    zone,
    zone_assumed,
    terms,
    input_hash
from rating_changes
where cdr_number >= $first and cdr_number < $end
order by cdr_number
