-- The histories of the touched objects so far.
select
  t.object, c.content_hash, c.valid_from_at, c.valid_to_at, c.last_updated_at, c.fetched_at,
  c.page_id
from {table} as c
inner join {touched} as t
  on t.partner = c.partner
  and t.country_code = c.country_code
  and t.party_id = c.party_id
  and t.id_key = lower(c.id)
order by t.object, c.valid_from_at
