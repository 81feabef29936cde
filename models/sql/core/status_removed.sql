-- An EVSE that went away has no status any more.
update core.evse_status as c
set
    to_at = greatest(c.from_at, $started_at),
    observed_until_at = least(c.observed_until_at, greatest(c.from_at, $started_at))
from live_objects as m
where m.table_name = 'core.evses'
    and m.is_missing
    and c.partner = $partner
    and c.country_code = m.country_code
    and c.party_id = m.party_id
    and c.location_id = m.location_id
    and c.evse_uid = m.evse_uid
    and c.to_at is null
