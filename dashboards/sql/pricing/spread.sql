-- How one basket's price for each kWh is spread over connectors.
select
    coalesce(sum(connector_count) filter (where state = 'priced'), 0) as priced_count,
    coalesce(sum(connector_count) filter (where state = 'unpriced'), 0) as unpriced_count,
    coalesce(sum(connector_count) filter (where is_outlier), 0) as outlier_count,
    coalesce(sum(connector_count) filter (where per_kwh_excl_vat = 0), 0) as free_count,
    min(per_kwh_excl_vat) as lowest_excl_vat,
    max(per_kwh_excl_vat) as highest_excl_vat
from matching_baskets($places, $power, $moment, $idle_min)
where (currency = $currency or currency is null)
