-- The tariffs that each source offers for the CDRs to price, and in which order they are tried.
create or replace temp table pending_tariffs as
with embedded as (
    select
        c.cdr_number,
        c.partner,
        c.connector_tariff_ids,
        unnest(c.tariff_hashes) as content_hash,
        generate_subscripts(c.tariff_hashes, 1) as place
    from rating_changes as c
)
select
    e.cdr_number,
    t.source,
    t.number as tariff,
    e.place,
    coalesce(
        list_contains(list_transform(e.connector_tariff_ids, lambda own: lower(own)), lower(t.own_id)),
        false
    ) as by_connector,
    false as is_only
from embedded as e
join rating_tariffs as t
    on t.source = 'embedded' and t.partner = e.partner and t.content_hash = e.content_hash
union all
select c.cdr_number, t.source, t.number as tariff, p.place, coalesce(p.by_connector, false), false
from rating_changes as c
join published_tariffs as p on p.cdr_number = c.cdr_number
left join agreed_prices as a on a.cdr_number = c.cdr_number and a.discount is not null
join rating_tariffs as t
    on t.partner = c.partner
        and t.tariff_id = p.tariff_id
        and t.content_hash = p.content_hash
        and (t.source = 'published' or t.discount = a.discount)
union all
select c.cdr_number, t.source, t.number as tariff, a.position, false, a.is_only
from rating_changes as c
join agreed_prices as a on a.cdr_number = c.cdr_number
join rating_tariffs as t
    on t.source = 'agreement'
        and t.partner = c.partner
        and t.tariff_id = ''
        and t.content_hash = md5(a.tariff)
