-- Connectors at places whose name, address or id holds a text: the first $most of them (null: all),
-- and beside each how many there are.
select
    k.partner, l.name, l.city, l.country, k.standard, k.power_kw, k.tariff_ids, k.country_code,
    k.party_id, k.location_id, k.evse_uid, k.id as connector_id, l.time_zone, k.power_type,
    count(*) over () as row_count
from core.connectors as k
join core.locations as l
    on k.partner = l.partner and k.country_code = l.country_code
        and k.party_id = l.party_id and k.location_id = l.id
where k.removed_at is null
    and contains(
        lower(concat_ws(' ', l.name, l.address, l.city, l.id, k.evse_uid)), lower($asked)
    )
order by l.name nulls last, k.partner, k.location_id, k.evse_uid, k.id
limit $most
