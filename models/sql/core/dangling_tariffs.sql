-- How many tariffs connectors still there name that nobody knows, by partner.
with named as (
    select distinct partner, country_code, party_id, lower(unnest(tariff_ids)) as id_key
    from core.connectors
    where removed_at is null
)

select n.partner, count(*) as dangling
from named as n
anti join core.tariffs as t on n.partner = t.partner and n.id_key = lower(t.id)
group by n.partner
