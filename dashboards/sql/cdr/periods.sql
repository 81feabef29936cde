-- The charging periods of one CDR; each ends where the next begins, the last with the session.
select
    period_index,
    start_at,
    coalesce(lead(start_at) over (order by period_index), $end_at) as end_at,
    tariff_id, energy_kwh, time_h, parking_time_h, reservation_time_h, max_power_kw
from core.charging_periods
where cdr_id = $id and partner = $partner and country_code = $country_code
    and party_id = $party_id
order by period_index
