-- Nothing is missing: the pull cannot tell.
create or replace temp table {missing} as
select c.rowid as known_row, c.partner, c.country_code, c.party_id, {id}
from {table} as c
limit 0
