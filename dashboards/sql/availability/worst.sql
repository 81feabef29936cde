-- Locations whose EVSEs work least of the time that anybody observed them: the first $most of them
-- (null: all), and beside each how many there are.
with locations as (
    select
        e.partner, e.country_code, e.party_id, e.location_id,
        any_value(e.canonical_evse) as canonical_evse,
        count(*) as evse_count,
        count(*) filter (where e.status in ('INOPERATIVE', 'OUTOFORDER')) as out_now_count,
        sum(a.available_s + a.charging_s + a.reserved_s)
        / nullif(sum(a.covered_s - a.planned_s - a.removed_s), 0) as strict_share,
        sum(a.covered_s) / sum(a.window_s) as coverage_share
    from matching_evses($places) as e
    join mart.availability as a on e.canonical_evse = a.canonical_evse
    where a.basis = $basis and a."window" = $window
    group by e.partner, e.country_code, e.party_id, e.location_id
    having sum(a.covered_s - a.planned_s - a.removed_s) > 0
),

worst as (
    select *
    from locations
    order by strict_share, evse_count desc, partner, country_code, party_id, location_id
    limit $most
)

select
    w.partner, w.country_code, w.party_id, w.location_id, e.location_name, w.strict_share,
    w.coverage_share, w.evse_count, w.out_now_count, e.city, e.country, e.operator,
    (select count(*) from locations) as row_count
from worst as w
join mart.evses as e on w.canonical_evse = e.canonical_evse
order by w.strict_share, w.evse_count desc, w.partner, w.country_code, w.party_id, w.location_id
