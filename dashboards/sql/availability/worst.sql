-- Locations whose EVSEs work least of the time that anybody observed them.
select
    c.partner, c.country_code, c.party_id, c.location_id,
    any_value(c.location_name) as location_name,
    any_value(c.city) as city,
    any_value(c.country) as country,
    any_value(c.operator) as operator,
    count(*) as evse_count,
    count(*) filter (where c.status in ('INOPERATIVE', 'OUTOFORDER')) as out_now_count,
    sum(a.available_s + a.charging_s + a.reserved_s)
    / nullif(sum(a.covered_s - a.planned_s - a.removed_s), 0) as strict_share,
    sum(a.covered_s) / sum(a.window_s) as coverage_share
from matching_evses($places) as c
join mart.availability as a on c.canonical_evse = a.canonical_evse
where a.basis = $basis and a."window" = $window
group by c.partner, c.country_code, c.party_id, c.location_id
having sum(a.covered_s - a.planned_s - a.removed_s) > 0
order by strict_share, evse_count desc, c.partner, c.country_code, c.party_id, c.location_id
