-- EVSEs on the map: by location where $cell_deg is 0, else by cells of that many degrees.
with placed as (
    select
        longitude, latitude, status, partner, country_code, party_id, location_id,
        coalesce(location_name, address, location_id) as name,
        case when $cell_deg = 0 then longitude else floor(longitude / $cell_deg) end as cell_x,
        case when $cell_deg = 0 then latitude else floor(latitude / $cell_deg) end as cell_y
    from matching_evses($places)
    where longitude is not null and latitude is not null
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
    any_value(partner) as partner,
    any_value(country_code) as country_code,
    any_value(party_id) as party_id,
    any_value(location_id) as location_id,
    any_value(name) as name
from placed
group by cell_x, cell_y
order by evse_count desc, longitude, latitude
