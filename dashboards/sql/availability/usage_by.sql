-- What our drivers charged in 28 days by partner, operator and power class, the busiest first.
select
    partner, country_code, party_id, country, operator, power_class,
    sum(evse_count) as evse_count,
    sum(charge_count) as charge_count,
    sum(energy_kwh) as energy_kwh,
    sum(charging_h) / nullif(sum(open_h), 0) as time_share,
    sum(rated_energy_kwh) / nullif(sum(capacity_kwh), 0) as energy_share,
    sum(parking_h) / nullif(sum(connected_stated_h), 0) as idle_share,
    sum(success_count) / nullif(sum(charge_count), 0) as success_share
from mart.usage
where matches_place(
        partner, country_code, party_id, country, region, city, operator, power_class, $places
    )
group by all
order by time_share desc nulls last, partner, country_code, party_id, operator, power_class
