-- The CDRs a pull brought that we have already: a few in an overlap, all in a full pull.
-- Only the ids are read of the rest, so that the cost of a pull hardly grows with the warehouse.
create or replace temp table known_cdrs as
with candidates as (
    select c.rowid as known_row
    from core.cdrs as c
    where c.partner = $partner and lower(c.id) in (select lower(s.id) from staged_cdrs as s)
)
select
    c.country_code, c.party_id, lower(c.id) as id_key, c.content_hash, c.rowid as known_row
from core.cdrs as c
where c.rowid in (select known_row from candidates)
