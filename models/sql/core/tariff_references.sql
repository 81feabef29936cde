-- The tariffs that connectors still there name, by partner: found under the connector's own party,
-- found only under another party of the partner, found nowhere.
with
named as (
    select distinct
        c.partner, c.country_code, c.party_id, lower(unnest(c.tariff_ids)) as id_key
    from core.connectors as c
    where c.removed_at is null
),
known as (
    select distinct t.partner, t.country_code, t.party_id, lower(t.id) as id_key
    from core.tariffs as t
),
anywhere as (
    select distinct k.partner, k.id_key
    from known as k
),
judged as (
    select
        n.partner,
        k.id_key is not null as own,
        a.id_key is not null as somewhere
    from named as n
    left join known as k
        on k.partner = n.partner
            and k.country_code = n.country_code
            and k.party_id = n.party_id
            and k.id_key = n.id_key
    left join anywhere as a on a.partner = n.partner and a.id_key = n.id_key
)
select
    j.partner,
    count(*) filter (where j.own) as own,
    count(*) filter (where not j.own and j.somewhere) as elsewhere,
    count(*) filter (where not j.somewhere) as dangling
from judged as j
group by j.partner
order by j.partner
