-- The tariffs that a CDR itself carries, in its order.
select t.id, t.currency, t.tariff, t.content_hash
from core.embedded_tariffs as t
where t.partner = $partner and list_contains($hashes::varchar[], t.content_hash)
order by list_position($hashes::varchar[], t.content_hash)
