-- What prices can be chosen by, with the connectors behind each value.
select 'currency' as kind, currency as value, sum(connector_count) as connector_count
from mart.price_baskets
where moment = 'noon' and idle_min = 0 and currency is not null and state = 'priced'
group by currency
union all
select 'country' as kind, country as value, sum(connector_count) as connector_count
from mart.price_baskets
where moment = 'noon' and idle_min = 0
group by country
union all
select 'operator' as kind, operator as value, sum(connector_count) as connector_count
from mart.price_baskets
where moment = 'noon' and idle_min = 0
group by operator
order by kind, connector_count desc, value
