-- The box that holds the EVSEs that have a place, and how many have none.
select
    min(longitude) as west,
    min(latitude) as south,
    max(longitude) as east,
    max(latitude) as north,
    count(*) filter (where longitude is null) as unplaced_count
from mart.evses
where removed_at is null
    and ($partner is null or partner = $partner)
    and ($party is null or country_code || '/' || party_id = $party)
    and ($country is null or country = $country)
    and ($operator is null or operator = $operator)
    and ($power is null or power_class = $power)
    and ($standard is null or list_contains(standards, $standard))
    and (longitude is null or longitude between $west and $east)
    and (latitude is null or latitude between $south and $north)
