-- The connectors of a location with the noon price of their basket, without idling.
select
    k.evse_uid, k.id, k.power_kw, p.per_kwh_excl_vat, p.per_kwh_incl_vat, p.currency, p.reason,
    k.tariff_ids, k.standard, k.format, p.power_class
from core.connectors as k
join core.evses as e
    on k.partner = e.partner and k.country_code = e.country_code and k.party_id = e.party_id
        and k.location_id = e.location_id and k.evse_uid = e.uid
join mart.evses as m on e.canonical_evse = m.canonical_evse
left join mart.price_baskets as p
    on k.partner = p.partner and k.country_code = p.country_code and k.party_id = p.party_id
        and coalesce(
            cast(to_json(list_transform(k.tariff_ids, lambda id: lower(id))) as varchar), 'null'
        ) = p.offer
        and m.country = p.country and m.operator = p.operator
        and p.moment = 'noon' and p.idle_min = 0
        and (m.time_zone is null or m.time_zone = p.zone)
        and p.power_class = power_class(k.power_type, k.power_kw)
where k.partner = $partner and k.country_code = $country_code
    and k.party_id = $party_id and k.location_id = $id and k.removed_at is null
order by k.evse_uid, k.id
