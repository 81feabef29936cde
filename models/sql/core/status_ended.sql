-- A pushed change ends the interval before it, which held until then: its partner tells each change.
update core.evse_status as c
set to_at = s.from_at, observed_until_at = s.from_at, end_pushed = true
from status_changes as s
where c.rowid = s.open_row
