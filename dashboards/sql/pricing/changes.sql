-- Versions of tariffs that changed a basket's price: when, by how much, at how many connectors.
select
    partner, country_code, party_id, tariff_id, valid_from_at, power_class,
    connector_count, currency, before_per_kwh_excl_vat, after_per_kwh_excl_vat,
    delta_per_kwh_excl_vat,
    delta_per_kwh_excl_vat / nullif(before_per_kwh_excl_vat, 0) as delta_share,
    zone, reason, direction
from matching_changes($partner, $power, $moment, $idle_min, $all)
order by valid_from_at desc, connector_count desc, partner, tariff_id, power_class, zone
