-- Connectors without a price, by reason and partner.
select
    reason, partner,
    sum(connector_count) as connector_count,
    count(distinct(country_code, party_id, offer)) as offer_count
from matching_baskets($places, $power, 'noon', 0)
where state = 'unpriced'
group by reason, partner
order by connector_count desc, reason, partner
