-- Connectors by what their price depends on.
create or replace temp table price_offers as
select
    k.partner,
    k.country_code,
    k.party_id,
    k.offer,
    e.country,
    e.operator,
    k.zone,
    k.power_class,
    any_value(k.offer_key) as offer_key,
    case when k.offer = 'null' then null else cast(json(any_value(k.offer)) as varchar[]) end
        as tariff_ids,
    count(*) as connector_count
from mart.connectors as k
join mart.evses as e on k.canonical_evse = e.canonical_evse
group by
    k.partner, k.country_code, k.party_id, k.offer, e.country, e.operator, k.zone, k.power_class
order by
    k.partner, k.country_code, k.party_id, k.offer, e.country, e.operator, k.zone, k.power_class
