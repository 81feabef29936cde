-- The box that holds the EVSEs that have a place, and how many have none.
select
    min(longitude) as west,
    min(latitude) as south,
    max(longitude) as east,
    max(latitude) as north,
    count(*) filter (where longitude is null) as unplaced_count,
    count(distinct(partner, country_code, party_id, location_id)) as location_count
from matching_evses($places)
