-- Of the connectors, those with a price for the noon basket.
select
    partner,
    coalesce(sum(connector_count) filter (where state = 'priced'), 0) / sum(connector_count)
        as "value"
from mart.price_baskets
where moment = 'noon' and idle_min = 0
group by partner
order by partner
