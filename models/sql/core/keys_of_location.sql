-- The keys of the EVSEs and connectors at a location that are still there.
select c.country_code, c.party_id, c.location_id, c.uid, null as id
from core.evses as c
where c.partner = $partner and lower(c.location_id) = $location_id and c.removed_at is null
union all
select c.country_code, c.party_id, c.location_id, c.evse_uid, c.id
from core.connectors as c
where c.partner = $partner and lower(c.location_id) = $location_id and c.removed_at is null
