-- Puts the rebuilt histories in.
insert into {table} ({columns})
select {columns}
from rebuilt_versions
