-- How one basket's price for each kWh is spread over connectors.
select
    coalesce(sum(connector_count) filter (where state = 'priced'), 0) as priced_count,
    coalesce(sum(connector_count) filter (where state = 'unpriced'), 0) as unpriced_count,
    coalesce(sum(connector_count) filter (where is_outlier), 0) as outlier_count,
    coalesce(sum(connector_count) filter (where per_kwh_excl_vat = 0), 0) as free_count,
    min(per_kwh_excl_vat) as lowest_excl_vat,
    max(per_kwh_excl_vat) as highest_excl_vat
from mart.price_baskets
where ($partner is null or partner = $partner)
    and ($country is null or country = $country)
    and ($operator is null or operator = $operator)
    and power_class = $power and moment = $moment and idle_min = $idle_min
    and (currency = $currency or currency is null)
