-- What the versions of a tariff changed, in basket terms.
select
    valid_from_at, power_class, zone, moment, idle_min, currency, before_per_kwh_excl_vat,
    after_per_kwh_excl_vat, delta_per_kwh_excl_vat, connector_count, reason
from mart.price_changes
where partner = $partner and country_code = $country_code
    and party_id = $party_id and lower(tariff_id) = lower($id)
order by valid_from_at desc, power_class, zone, moment desc, idle_min
