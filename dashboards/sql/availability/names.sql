-- Names for the map: the cities with most EVSEs, each where the middle one of its EVSEs stands.
select
    mode(city) as name,
    median(longitude) as longitude,
    median(latitude) as latitude,
    count(*) as evse_count
from matching_evses($places)
where city is not null and longitude is not null and latitude is not null
group by lower(city)
order by evse_count desc, name
limit 25
