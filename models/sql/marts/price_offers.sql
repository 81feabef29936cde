-- Connectors of EVSEs counted once, by what their price depends on: the tariffs they name, where
-- they stand, how strong they are. The list of ids is null where none was stated.
select
    e.partner,
    e.country_code,
    e.party_id,
    coalesce(cast(to_json(list_transform(k.tariff_ids, lambda id: lower(id))) as varchar), 'null')
        as offer,
    e.country,
    e.operator,
    e.time_zone as zone,
    power_class(k.power_type, k.power_kw) as power_class,
    any_value(list_transform(k.tariff_ids, lambda id: lower(id))) as tariff_ids,
    count(*) as connector_count
from mart.evses as e
join core.connectors as k
    on e.partner = k.partner and e.country_code = k.country_code and e.party_id = k.party_id
        and e.location_id = k.location_id and e.uid = k.evse_uid
where e.removed_at is null and k.removed_at is null
group by all
order by all
