-- EVSEs on the map, with their status now and their uptime over one window: by location where
-- $cell_deg is 0, else by cells of that many degrees. Poor is what worked less than $poor_below of
-- the time.
with placed as (
    select
        e.longitude, e.latitude, e.status, e.partner, e.country_code, e.party_id, e.location_id,
        coalesce(e.location_name, e.address, e.location_id) as name,
        a.available_s + a.charging_s + a.reserved_s as working_s,
        a.covered_s - a.planned_s - a.removed_s as judged_s,
        case when $cell_deg = 0 then e.longitude else floor(e.longitude / $cell_deg) end as cell_x,
        case when $cell_deg = 0 then e.latitude else floor(e.latitude / $cell_deg) end as cell_y
    from matching_evses($places) as e
    left join mart.availability as a
        on e.canonical_evse = a.canonical_evse and a.basis = $basis and a."window" = $window
    where e.longitude is not null and e.latitude is not null
)

select
    avg(longitude) as longitude,
    avg(latitude) as latitude,
    min(longitude) as west,
    min(latitude) as south,
    max(longitude) as east,
    max(latitude) as north,
    count(*) as evse_count,
    count(distinct(partner, country_code, party_id, location_id)) as location_count,
    count(*) filter (where status in ('INOPERATIVE', 'OUTOFORDER')) as out_count,
    mode(status) as status,
    sum(working_s) / nullif(sum(judged_s), 0) as strict_share,
    min(working_s / nullif(judged_s, 0)) as lowest_share,
    count(*) filter (where judged_s > 0) as judged_count,
    count(*) filter (where working_s / nullif(judged_s, 0) < $poor_below) as poor_count,
    any_value(partner) as partner,
    any_value(country_code) as country_code,
    any_value(party_id) as party_id,
    any_value(location_id) as location_id,
    any_value(name) as name
from placed
group by cell_x, cell_y
order by evse_count desc, longitude, latitude
