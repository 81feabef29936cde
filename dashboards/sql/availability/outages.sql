-- Outages of one window, those that still last first, then the longest: the first $most of them (null:
-- all), and beside each how many there are.
with found as (
    select o.*
    from mart.outages as o
    cross join (select newest_page_at(null) as as_of_at) as m
    where coalesce(o.to_at, m.as_of_at) > m.as_of_at - to_days($days)
        and ($basis = 'stated' or o.seen_to_begin)
        and o.canonical_evse in (select c.canonical_evse from matching_evses($places) as c)
),

listed as (
    select *
    from found
    order by to_at is not null, length_h desc, canonical_evse, from_at
    limit $most
)

select
    c.partner, c.country_code, c.party_id, c.location_id, c.uid,
    c.location_name, o.from_at,
    coalesce(strftime(o.to_at, '%Y-%m-%d %H:%M'), 'still lasts') as until, o.length_h,
    o.status, o.seen_to_begin, c.city, c.operator, c.evse_id,
    (select count(*) from found) as row_count
from listed as o
join mart.evses as c on o.canonical_evse = c.canonical_evse
order by o.to_at is not null, o.length_h desc, o.canonical_evse, o.from_at
