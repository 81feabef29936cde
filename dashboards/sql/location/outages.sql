-- Outages of a location's EVSEs in the last 365 days, the newest first.
select
    e.uid, o.status, o.from_at,
    coalesce(strftime(o.to_at, '%Y-%m-%d %H:%M'), 'still lasts') as until, o.length_h,
    o.seen_to_begin
from mart.outages as o
join core.evses as e on o.canonical_evse = e.canonical_evse
where e.partner = $partner and e.country_code = $country_code
    and e.party_id = $party_id and e.location_id = $id
order by o.from_at desc, e.uid
