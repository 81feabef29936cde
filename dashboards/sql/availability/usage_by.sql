-- The same by partner, operator and power class, the busiest first.
select
    partner, country_code, party_id, country, operator, power_class, evse_count, charge_count,
    energy_kwh,
    charging_h / nullif(open_h, 0) as time_share,
    rated_energy_kwh / nullif(capacity_kwh, 0) as energy_share,
    parking_h / nullif(connected_stated_h, 0) as idle_share,
    success_count / nullif(charge_count, 0) as success_share
from mart.usage
where matches_place(
        partner, country_code, party_id, country, operator, power_class,
        $partner, $party, $country, $operator, $power
    )
order by time_share desc nulls last, partner, country_code, party_id, operator, power_class
