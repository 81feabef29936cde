-- Where connectors name a tariff: zones and power classes.
select
    coalesce(e.time_zone, 'unknown') as zone, e.country, e.power_class, count(*) as connector_count
from core.connectors as k
join mart.evses as e
    on k.partner = e.partner and k.country_code = e.country_code and k.party_id = e.party_id
        and k.location_id = e.location_id and k.evse_uid = e.uid
where k.partner = $partner and k.country_code = $country_code and k.party_id = $party_id
    and list_contains(list_transform(k.tariff_ids, lambda id: lower(id)), lower($id))
    and k.removed_at is null and e.removed_at is null
group by all
order by connector_count desc, zone, e.country, e.power_class
