-- Takes out the histories that were rebuilt.
delete from {table} as c
where exists (
  select 1
  from {touched} as t
  inner join rebuilt_versions as r on r.object = t.object
  where t.partner = c.partner
    and t.country_code = c.country_code
    and t.party_id = c.party_id
    and t.id_key = lower(c.id)
)
