-- Tariffs that make another price for a basket than they did on a day: by how much, at how many
-- connectors.
select
    partner, country_code, party_id, tariff_id, power_class,
    sum(connector_count) as connector_count,
    currency, before_per_kwh_excl_vat, after_per_kwh_excl_vat, delta_per_kwh_excl_vat,
    delta_per_kwh_excl_vat / nullif(before_per_kwh_excl_vat, 0) as delta_share,
    valid_from_at, direction, version_count, zone, reason
from price_changes_since($places, cast($since as timestamptz), $moment, $idle_min)
group by all
order by
    connector_count desc, delta_per_kwh_excl_vat desc nulls last, partner, tariff_id,
    power_class, zone
