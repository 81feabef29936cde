-- The text of every tariff that a CDR to price may need.
select distinct k.partner, k.source, k.content_hash, coalesce(e.tariff, t.tariff) as tariff
from (select distinct partner, source, content_hash from pending_tariffs) as k
left join core.embedded_tariffs as e
  on k.source = 'embedded' and e.partner = k.partner and e.content_hash = k.content_hash
left join (
  select partner, content_hash, arg_min(tariff, valid_from_at) as tariff
  from core.tariffs
  group by partner, content_hash
) as t
  on k.source = 'published' and t.partner = k.partner and t.content_hash = k.content_hash
order by k.partner, k.source, k.content_hash
