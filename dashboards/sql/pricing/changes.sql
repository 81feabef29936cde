-- Versions of tariffs that changed a basket's price: when, by how much, at how many connectors.
select
    partner, country_code, party_id, tariff_id, valid_from_at, power_class,
    connector_count, currency, before_per_kwh_excl_vat, after_per_kwh_excl_vat,
    delta_per_kwh_excl_vat,
    delta_per_kwh_excl_vat / nullif(before_per_kwh_excl_vat, 0) as delta_share,
    zone, reason
from mart.price_changes
where moment = $moment and idle_min = $idle_min
    and ($partner is null or partner = $partner)
    and ($power is null or power_class = $power)
    and ($all or connector_count > 0)
    and (delta_per_kwh_excl_vat is null or delta_per_kwh_excl_vat <> 0)
order by valid_from_at desc, connector_count desc, partner, tariff_id, power_class, zone
