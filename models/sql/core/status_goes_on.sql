-- The same status again: it was seen until now.
update core.evse_status as c
set observed_until_at = greatest(c.observed_until_at, o.fetched_at)
from status_observed as o
where c.rowid = o.open_row and o.goes_on
