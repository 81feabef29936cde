-- Marks what a complete full pull lacked as gone since that pull began.
update {table} as c
set removed_at = $started_at
from {missing} as m
where c.rowid = m.known_row
