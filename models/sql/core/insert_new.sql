-- Puts in the rows whose key is not known yet, the first of each key; what is known stays.
insert into {table} ({columns})
select {staged_columns}
from {staged} as s
where not exists (select 1 from {table} as c where c.partner = $partner and {same_key})
qualify row_number() over (partition by {key} order by s.staged_row) = 1
