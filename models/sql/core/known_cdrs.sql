-- The CDRs a pull brought that we have already: a few in an overlap, all in a full pull.
-- Only the ids are read of the rest, so that the cost of a pull hardly grows with the warehouse.
create or replace temp table known_cdrs as
with candidates as (
  select c.rowid as known_row
  from core.cdrs as c
  where c.partner = $partner and c.id in (select s.id from staged_cdrs as s)
)
select c.country_code, c.party_id, c.id, c.content_hash
from core.cdrs as c
where c.rowid in (select known_row from candidates)
