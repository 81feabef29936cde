-- Offers without a price for one reason: which tariffs their connectors name.
select
    partner, operator, power_class,
    case when offer = 'null' then null else cast(json(offer) as varchar[]) end as named_tariffs,
    connector_count, country, zone, country_code, party_id
from matching_baskets($places, $power, 'noon', 0)
where state = 'unpriced' and reason = $reason
order by connector_count desc, partner, country_code, party_id, offer, power_class, operator
