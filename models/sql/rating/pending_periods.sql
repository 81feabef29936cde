-- The charging periods of the CDRs to price: about in the order of the CDRs, so that a batch finds
-- its own close together.
create or replace temp table pending_periods as
select
    c.cdr_number,
    p.period_index,
    p.start_at,
    p.tariff_id,
    p.energy_kwh,
    p.time_h,
    p.time_h_decimals,
    p.parking_time_h,
    p.parking_time_h_decimals,
    p.reservation_time_h,
    p.reservation_time_h_decimals,
    p.min_current_a,
    p.max_current_a,
    p.min_power_kw,
    p.max_power_kw,
    p.unknown_dimensions
from core.charging_periods as p
join rating_changes as c
    on c.partner = p.partner
        and c.country_code = p.country_code
        and c.party_id = p.party_id
        and c.id = p.cdr_id
where c.cdr_number is not null
