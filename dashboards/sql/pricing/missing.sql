-- Offers without a price for one reason: which tariffs their connectors name.
select
    partner, country_code, party_id, country, operator, power_class, zone,
    case when offer = 'null' then null else cast(json(offer) as varchar[]) end as named_tariffs,
    connector_count
from matching_baskets($places, $power, 'noon', 0)
where state = 'unpriced' and reason = $reason
order by connector_count desc, partner, country_code, party_id, offer, power_class, operator
