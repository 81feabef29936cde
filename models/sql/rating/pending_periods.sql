-- The charging periods of the CDRs to price, in their order, so that a batch is one range.
create or replace temp table pending_periods as
select
  c.pending_number,
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
from pending_cdrs as c
join core.charging_periods as p
  on p.partner = c.partner
  and p.country_code = c.country_code
  and p.party_id = c.party_id
  and p.cdr_id = c.id
order by c.pending_number, p.period_index
