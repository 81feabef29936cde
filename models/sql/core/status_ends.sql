-- Another status: the old one ended when the new one began.
update core.evse_status as c
set to_at = o.from_at, observed_until_at = least(c.observed_until_at, o.from_at)
from status_observed as o
where c.rowid = o.open_row and not o.goes_on
