-- The copies of the touched objects that the pull brought, in page order.
select t.object, s.content_hash, s.last_updated_at, s.fetched_at, s.page_id
from {staged} as s
inner join {touched} as t
  on t.country_code = s.country_code and t.party_id = s.party_id and t.id_key = lower(s.id)
order by t.object, s.staged_row
