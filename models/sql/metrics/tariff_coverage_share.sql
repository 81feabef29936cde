-- Of the connectors, those that name a tariff that is known.
select partner, priced_connector_count / connector_count as "value"
from mart.partner_quality
where connector_count > 0
order by partner
