-- Notes a newer `last_updated` on content that stayed the same: its page stays the one that brought it.
update {table} as c
set last_updated_at = i.last_updated_at
from {incoming} as i
where c.rowid = i.known_row and i.fate = 'bumped'
