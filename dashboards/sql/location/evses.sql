-- The EVSEs of a location, each with its uptime over 30 days, how much of that was observed, and how
-- much of it live.
select
    e.uid, e.evse_id, e.physical_reference,
    if(e.removed_at is null, e.status, 'gone since ' || strftime(e.removed_at, '%Y-%m-%d'))
        as status,
    (a.available_s + a.charging_s + a.reserved_s)
    / nullif(a.covered_s - a.planned_s - a.removed_s, 0) as strict_share,
    a.covered_s / nullif(a.window_s, 0) as coverage_share,
    a.live_s / nullif(a.window_s, 0) as live_share,
    m.status_from_at, m.seen_at, e.last_updated_at, m.power_kw, m.standards, m.copy_count,
    e.is_current_copy
from core.evses as e
join mart.evses as m on e.canonical_evse = m.canonical_evse
left join mart.availability as a
    on e.canonical_evse = a.canonical_evse and a.basis = $basis and a."window" = '30d'
where e.partner = $partner and e.country_code = $country_code
    and e.party_id = $party_id and e.location_id = $id
order by e.removed_at is not null, e.uid
