-- One connector with its place.
select
    k.*, l.name, l.address, l.time_zone, e.evse_id, k.id as connector_id
from core.connectors as k
join core.evses as e
    on k.partner = e.partner and k.country_code = e.country_code and k.party_id = e.party_id
        and k.location_id = e.location_id and k.evse_uid = e.uid
join core.locations as l
    on k.partner = l.partner and k.country_code = l.country_code
        and k.party_id = l.party_id and k.location_id = l.id
where k.partner = $partner and k.country_code = $country_code and k.party_id = $party_id
    and k.location_id = $location_id and k.evse_uid = $evse_uid and k.id = $connector_id
