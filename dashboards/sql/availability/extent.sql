-- The box that holds the EVSEs that have a place, and how many have none.
select
    min(longitude) as west,
    min(latitude) as south,
    max(longitude) as east,
    max(latitude) as north,
    count(*) filter (where longitude is null) as unplaced_count
from matching_evses($places)
