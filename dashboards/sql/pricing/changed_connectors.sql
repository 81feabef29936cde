-- Connectors at which tariffs changed a basket's price: each once, however many versions did it.
with connectors as (
    select
        e.partner, e.country_code, e.party_id, e.time_zone, e.canonical_evse,
        k.id as connector_id,
        power_class(k.power_type, k.power_kw) as power_class,
        lower(unnest(k.tariff_ids)) as id_key
    from mart.evses as e
    join core.connectors as k
        on e.partner = k.partner and e.country_code = k.country_code and e.party_id = k.party_id
            and e.location_id = k.location_id and e.uid = k.evse_uid
    where e.removed_at is null and k.removed_at is null
)

select c.direction, count(distinct(k.canonical_evse, k.connector_id)) as connector_count
from matching_changes($partner, $power, $moment, $idle_min, $all) as c
join named_tariffs((select max(fetched_at) from ops.pages)) as n
    on c.partner = n.partner and c.country_code = n.owner_country_code
        and c.party_id = n.owner_party_id and lower(c.tariff_id) = n.id_key
join connectors as k
    on n.partner = k.partner and n.country_code = k.country_code and n.party_id = k.party_id
        and n.id_key = k.id_key and c.power_class = k.power_class
        and (k.time_zone is null or c.zone = k.time_zone)
where n.state = 'known'
group by c.direction
