-- The temporary tables of this connection.
select t.table_name
from duckdb_tables() as t
where t.temporary
