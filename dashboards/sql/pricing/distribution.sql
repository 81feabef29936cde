-- Connectors by price for each kWh, in steps of $step, split by partner.
select
    partner,
    cast(floor(per_kwh_excl_vat / cast($step as decimal(9, 3))) as integer) as step_number,
    sum(connector_count) as connector_count
from matching_baskets($places, $power, $moment, $idle_min)
where currency = $currency and per_kwh_excl_vat is not null
group by partner, step_number
order by step_number, partner
