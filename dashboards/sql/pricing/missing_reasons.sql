-- Connectors without a price, by reason and partner.
select
    reason, partner,
    sum(connector_count) as connector_count,
    count(distinct(country_code, party_id, offer)) as offer_count
from mart.price_baskets
where moment = 'noon' and idle_min = 0 and state = 'unpriced'
    and ($partner is null or partner = $partner)
group by reason, partner
order by connector_count desc, reason, partner
