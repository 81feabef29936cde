-- Puts in the objects that are new or have new content.
insert into {table} ({columns})
select {columns}
from {incoming} as i
where i.fate in ('inserted', 'updated')
