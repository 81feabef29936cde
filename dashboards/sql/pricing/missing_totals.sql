-- Connectors with and without a price.
select
    sum(connector_count) as connector_count,
    coalesce(sum(connector_count) filter (where state = 'priced'), 0) as priced_count,
    coalesce(sum(connector_count) filter (
        where state = 'priced' and per_kwh_excl_vat is null
    ), 0) as gross_only_count
from mart.price_baskets
where moment = 'noon' and idle_min = 0 and ($partner is null or partner = $partner)
