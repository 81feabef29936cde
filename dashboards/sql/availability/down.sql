-- EVSEs that are out of service now, those that have been for longest first.
select
    e.partner, e.country_code, e.party_id, e.location_id, e.uid,
    coalesce(e.location_name, e.address, e.location_id) as location_name,
    o.from_at as down_from_at,
    o.length_h / 24 as down_days,
    o.status, e.city, e.operator, e.evse_id,
    case when o.seen_to_begin then 'seen to begin' else 'the partner says' end as known_from,
    e.power_kw, e.connector_count, e.last_updated_at
from matching_evses($places) as e
join mart.outages as o on e.canonical_evse = o.canonical_evse
where o.to_at is null and e.status in ('INOPERATIVE', 'OUTOFORDER')
order by o.from_at, e.canonical_evse
