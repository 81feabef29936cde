-- Connectors with a tariff that is known, and with and without a price.
select
    coalesce(sum(connector_count), 0) as connector_count,
    coalesce(sum(connector_count) filter (where has_known_tariff(reason)), 0) as resolved_count,
    coalesce(sum(connector_count) filter (where state = 'priced'), 0) as priced_count,
    coalesce(sum(connector_count) filter (
        where state = 'priced' and per_kwh_excl_vat is null
    ), 0) as gross_only_count
from matching_baskets($places, $power, 'noon', 0)
