-- The objects with an open version, brought by this module, that a complete full pull lacked. An
-- object that came but was refused (`core.quarantine`) is not missing.
create or replace temp table {missing} as
select c.rowid as known_row, c.partner, c.country_code, c.party_id, c.id
from {table} as c
where c.partner = $partner
  and ($party is null or c.country_code || '/' || c.party_id = $party)
  and c.valid_to_at is null
  and c.page_id in (
    select p.page_id from ops.pages as p where p.partner = $partner and p.module = $module
  )
  and not exists (
    select 1
    from {staged} as s
    where s.country_code = c.country_code
      and s.party_id = c.party_id
      and lower(s.id) = lower(c.id)
  )
  and not exists (
    select 1 from staged_quarantine as q where lower(q.object_id) = lower(c.id)
  )
