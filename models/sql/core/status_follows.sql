-- An EVSE that got another canonical id, or whose ids are spelt in another way now, takes its history
-- along.
update core.evse_status as c
set canonical_evse = i.canonical_evse, location_id = i.location_id, evse_uid = i.uid
from incoming_evses as i
where i.merge_action = 'updated'
    and c.partner = i.partner
    and c.country_code = i.country_code
    and c.party_id = i.party_id
    and c.location_id = i.known_location_id
    and c.evse_uid = i.known_uid
    and (c.canonical_evse, c.location_id, c.evse_uid)
    is distinct from (i.canonical_evse, i.location_id, i.uid)
