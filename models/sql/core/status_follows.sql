-- An EVSE that got another canonical id takes its history along.
update core.evse_status as c
set canonical_evse = i.canonical_evse
from incoming_evses as i
where i.merge_action = 'updated'
  and c.partner = i.partner
  and c.country_code = i.country_code
  and c.party_id = i.party_id
  and c.location_id = i.location_id
  and c.evse_uid = i.uid
  and c.canonical_evse <> i.canonical_evse
