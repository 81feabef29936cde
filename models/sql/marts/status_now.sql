-- Brings the status that the map shows up to what was pushed since the marts were made.
update mart.evses as m
set
    status = e.status, status_from_at = s.from_at, seen_at = s.observed_until_at,
    last_updated_at = e.last_updated_at
from core.evses as e
inner join core.evse_status as s
    on s.partner = e.partner
        and s.country_code = e.country_code
        and s.party_id = e.party_id
        and s.location_id = e.location_id
        and s.evse_uid = e.uid
        and s.to_at is null
where m.partner = e.partner
    and m.country_code = e.country_code
    and m.party_id = e.party_id
    and m.location_id = e.location_id
    and m.uid = e.uid
    and (m.status, m.status_from_at, m.seen_at)
    is distinct from (e.status, s.from_at, s.observed_until_at)
