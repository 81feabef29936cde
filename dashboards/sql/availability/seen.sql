-- How many EVSEs and places there are, and when each was last looked at.
select
    count(*) as evse_count,
    count(distinct (partner, country_code, party_id, location_id)) as location_count,
    sum(copy_count) - count(*) as duplicate_count,
    min(seen_at) as oldest_seen_at,
    max(seen_at) as newest_seen_at
from mart.evses
where removed_at is null
    and ($partner is null or partner = $partner)
    and ($party is null or country_code || '/' || party_id = $party)
    and ($country is null or country = $country)
    and ($operator is null or operator = $operator)
    and ($power is null or power_class = $power)
    and ($standard is null or list_contains(standards, $standard))
