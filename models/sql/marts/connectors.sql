-- The connectors of EVSEs counted once, with what their price depends on: the tariffs they name,
-- where they stand, how strong they are. Connectors of one offer pay the same.
insert into mart.connectors by name
with plugs as (
    select
        e.canonical_evse,
        k.id as connector_id,
        e.partner,
        e.country_code,
        e.party_id,
        e.location_id,
        k.evse_uid,
        k.standard,
        k.power_kw,
        power_class(k.power_type, k.power_kw) as power_class,
        e.country,
        e.operator,
        coalesce(e.time_zone, z.zone, 'unknown') as zone,
        coalesce(
            cast(to_json(list_transform(k.tariff_ids, lambda id: lower(id))) as varchar), 'null'
        ) as offer
    from mart.evses as e
    join core.connectors as k
        on e.partner = k.partner and e.country_code = k.country_code and e.party_id = k.party_id
            and e.location_id = k.location_id and e.uid = k.evse_uid
    left join only_zones as z on e.country = z.country
    where e.removed_at is null and k.removed_at is null
)

select
    canonical_evse, connector_id, partner, country_code, party_id, location_id, evse_uid, standard,
    power_kw, power_class, zone, offer,
    md5(to_json([partner, country_code, party_id, offer, country, operator, zone, power_class]))
        as offer_key
from plugs
