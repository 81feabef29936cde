-- Currencies that connectors have prices in, those of most connectors first.
select currency, sum(connector_count) as connector_count
from mart.price_baskets
where moment = 'noon' and idle_min = 0 and currency is not null and state = 'priced'
group by currency
order by connector_count desc, currency
