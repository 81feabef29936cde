-- How many copies of EVSEs are not counted, and when each EVSE was last looked at.
select
    sum(copy_count) - count(*) as duplicate_count,
    min(seen_at) as oldest_seen_at,
    max(seen_at) as newest_seen_at
from matching_evses($places)
