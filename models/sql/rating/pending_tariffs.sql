-- The tariffs that each source offers for the CDRs to price, in the order they are tried in.
create or replace temp table pending_tariffs as
with offered as (
  select
    c.pending_number,
    'embedded' as source,
    c.partner,
    unnest(r.tariff_hashes) as content_hash,
    generate_subscripts(r.tariff_hashes, 1) as place
  from pending_cdrs as c
  join rating_cdrs as r on r.cdr_number = c.cdr_number
  union all
  select
    c.pending_number,
    'published' as source,
    c.partner,
    p.content_hash,
    row_number() over (partition by c.pending_number order by p.tariff_id, p.content_hash) as place
  from pending_cdrs as c
  join published_tariffs as p on p.cdr_number = c.cdr_number
)
select o.pending_number, o.source, o.partner, o.content_hash, o.place
from offered as o
order by o.pending_number, o.source, o.place
