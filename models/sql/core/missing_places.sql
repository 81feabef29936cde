-- The live objects of the parties a complete full pull is about that the pull lacked. An object
-- that came but was refused (`core.quarantine`) is not missing, nor is what belongs to it.
create or replace temp table {missing} as
with refused as (
  select s.object_id
  from staged_quarantine as s
)
select c.rowid as known_row, {key}
from {table} as c
where c.partner = $partner
  and ($party is null or c.country_code || '/' || c.party_id = $party)
  and c.removed_at is null
  and not exists (select 1 from {staged} as s where {same_key})
  and not exists (select 1 from refused as r where r.object_id in ({refused_as}))
