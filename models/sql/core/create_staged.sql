-- The temporary table that collects what one pull brings for a table; the number keeps page order.
create or replace temp table {staged} as
select {columns}, cast(0 as bigint) as {number}
from {table}
limit 0
