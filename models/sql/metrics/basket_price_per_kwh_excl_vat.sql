-- What the middle connector charges for each kWh of the noon basket without idling.
with ordered as (
    select
        country, power_class, currency, per_kwh_excl_vat,
        sum(connector_count) over (
            partition by country, power_class, currency order by per_kwh_excl_vat
        ) as until_count,
        sum(connector_count) over (partition by country, power_class, currency) as total_count
    from mart.price_baskets
    where moment = 'noon' and idle_min = 0 and per_kwh_excl_vat is not null
)

select country, power_class, currency, min(per_kwh_excl_vat) as "value"
from ordered
where until_count * 2 >= total_count
group by country, power_class, currency
order by country, power_class, currency
