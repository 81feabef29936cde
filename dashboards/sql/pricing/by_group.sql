-- Price for each kWh by partner, country and operator: cheapest, middle and dearest connector.
with ordered as (
    select
        partner, country_code, party_id, country, operator, connector_count, currency,
        per_kwh_excl_vat,
        sum(connector_count) over (
            partition by partner, country_code, party_id, country, operator
            order by per_kwh_excl_vat
        ) as until_count,
        sum(connector_count) over (
            partition by partner, country_code, party_id, country, operator
        ) as total_count
    from matching_baskets($places, $power, $moment, $idle_min)
    where currency = $currency and per_kwh_excl_vat is not null
)

select
    partner, country_code, party_id, country, operator,
    sum(connector_count) as connector_count,
    any_value(currency) as currency,
    min(per_kwh_excl_vat) as lowest_per_kwh_excl_vat,
    min(per_kwh_excl_vat) filter (where until_count >= 0.5 * total_count)
        as middle_per_kwh_excl_vat,
    max(per_kwh_excl_vat) as highest_per_kwh_excl_vat
from ordered
group by partner, country_code, party_id, country, operator
order by middle_per_kwh_excl_vat desc, connector_count desc, partner, operator
