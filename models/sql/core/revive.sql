-- An object that came again is there again, even in an old copy.
update {table} as c
set removed_at = null
from {incoming} as i
where c.rowid = i.known_row and c.removed_at is not null
