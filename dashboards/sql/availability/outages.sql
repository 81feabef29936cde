-- Outages of one window, those that still last first, then the longest.
with as_of as (
    select max(fetched_at) as as_of_at from ops.pages
)

select
    c.partner, c.country_code, c.party_id, c.location_id, c.uid,
    c.location_name, c.city, c.operator, c.evse_id, o.status,
    o.from_at,
    coalesce(strftime(o.to_at, '%Y-%m-%d %H:%M'), 'still lasts') as until, o.length_h,
    o.seen_to_begin
from mart.outages as o
join matching_evses($places) as c
    on o.canonical_evse = c.canonical_evse
cross join as_of as m
where coalesce(o.to_at, m.as_of_at) > m.as_of_at - to_days($days)
    and ($basis = 'stated' or o.seen_to_begin)
order by o.to_at is not null, o.length_h desc, c.canonical_evse
