-- What the sessions without a CDR may be priced by: the tariffs of their connector that were in force as
-- they began, and what is agreed.
with open_sessions as (
    select s.rowid as n, s.*
    from core.sessions as s
    where s.rowid in (select n from settle_open_sessions)
),

named as (
    select
        o.n, o.start_at, k.partner, k.country_code, k.party_id,
        lower(unnest(k.tariff_ids)) as id_key, generate_subscripts(k.tariff_ids, 1) as place
    from open_sessions as o
    inner join core.connectors as k
        on o.partner = k.partner and o.country_code = k.country_code and o.party_id = k.party_id
            and lower(o.location_id) = lower(k.location_id) and lower(o.evse_uid) = lower(k.evse_uid)
            and lower(o.connector_id) = lower(k.id)
),

published as (
    select m.n, m.place, t.tariff
    from named as m
    inner join tariffs_in_force() as t
        on m.partner = t.partner and m.country_code = t.country_code and m.party_id = t.party_id
            and m.id_key = lower(t.id) and m.start_at >= t.in_force_from_at
            and (t.in_force_to_at is null or m.start_at < t.in_force_to_at)
),

agreed as (
    select m.n, m.position, m.tariff, m.discount
    from agreement_matches() as m
    where m.kind = 'session' and m.name = 'price' and m.n in (select n from open_sessions)
)

select n, 'published' as source, place, tariff, null as discount, false as is_only
from published
union all
select p.n, 'agreement', p.place, p.tariff, a.discount, false
from published as p
inner join agreed as a on p.n = a.n
where a.discount is not null
union all
select n, 'agreement', position, tariff, null, count(*) over (partition by n) = 1
from agreed
where tariff is not null
order by n, source, place, tariff
