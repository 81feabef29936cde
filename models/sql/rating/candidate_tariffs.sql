-- The tariffs that each source offers for a CDR, in the order in which they are tried.
create or replace temp table candidate_tariffs as
select
  'embedded' as source,
  c.cdr_number,
  unnest(c.tariff_hashes) as content_hash,
  generate_subscripts(c.tariff_hashes, 1) as place
from rating_cdrs as c
union all
select
  'published' as source,
  p.cdr_number,
  p.content_hash,
  row_number() over (partition by p.cdr_number order by p.tariff_id, p.content_hash) as place
from published_tariffs as p
