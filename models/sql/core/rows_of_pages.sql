-- The rows that the given pages brought.
select {columns}
from {table} as c
where c.page_id in (select unnest($page_ids::varchar[]))
