-- How many EVSEs and places there are, and when each was last looked at.
select
    count(*) as evse_count,
    count(distinct(partner, country_code, party_id, location_id)) as location_count,
    sum(copy_count) - count(*) as duplicate_count,
    min(seen_at) as oldest_seen_at,
    max(seen_at) as newest_seen_at
from matching_evses($partner, $party, $country, $operator, $power, $standard)
