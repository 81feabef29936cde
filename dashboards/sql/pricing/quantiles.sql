-- The price for each kWh at which a share of connectors is as cheap or cheaper.
with ordered as (
    select
        per_kwh_excl_vat,
        sum(connector_count) over (order by per_kwh_excl_vat) as until_count,
        sum(connector_count) over () as total_count
    from matching_baskets($places, $power, $moment, $idle_min)
    where currency = $currency and per_kwh_excl_vat is not null
)

select
    min(per_kwh_excl_vat) filter (where until_count >= 0.1 * total_count) as p10_excl_vat,
    min(per_kwh_excl_vat) filter (where until_count >= 0.5 * total_count) as p50_excl_vat,
    min(per_kwh_excl_vat) filter (where until_count >= 0.9 * total_count) as p90_excl_vat
from ordered
