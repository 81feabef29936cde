-- Other copies of a location's EVSEs, under other locations or partners.
select
    e.uid, c.partner, c.country_code, c.party_id, c.location_id, c.uid as copy_uid,
    c.status, c.last_updated_at, c.is_current_copy, c.removed_at
from core.evses as e
join core.evses as c
    on e.canonical_evse = c.canonical_evse
        and (e.partner, e.country_code, e.party_id, e.location_id, e.uid)
        <> (c.partner, c.country_code, c.party_id, c.location_id, c.uid)
where e.partner = $partner and e.country_code = $country_code
    and e.party_id = $party_id and e.location_id = $id
order by e.uid, c.partner, c.country_code, c.party_id, c.location_id
