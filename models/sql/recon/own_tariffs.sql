-- The tariffs that the differing CDRs should be priced by: of the source that was taken, those in
-- use, less what was agreed as a discount.
with embedded as (
    select
        d.cdr_row, d.partner, d.tariff_ids, unnest(d.tariff_hashes) as content_hash,
        generate_subscripts(d.tariff_hashes, 1) as position
    from recon_differing as d
    where d.tariff_source = 'embedded'
),
agreed as (
    select d.*, m.position, m.tariff, m.discount
    from recon_differing as d
    join agreement_matches() as m on m.n = d.cdr_row and m.kind = 'cdr' and m.name = 'price'
    where d.tariff_source = 'agreement'
),
listed as (
    select d.*, cast(null as decimal(18, 6)) as discount
    from recon_differing as d
    where d.tariff_source = 'published'
    union all
    select a.* exclude (position, tariff) from agreed as a where a.discount is not null
),
published as (
    select l.*, lower(unnest(l.tariff_ids)) as id_key, generate_subscripts(l.tariff_ids, 1) as position
    from listed as l
)
select
    e.cdr_row, e.position, t.tariff, cast(null as decimal(18, 6)) as discount,
    cast(null as varchar) as detail
from embedded as e
join core.embedded_tariffs as t on t.partner = e.partner and t.content_hash = e.content_hash
where list_contains(list_transform(e.tariff_ids, lambda one: lower(one)), lower(t.id))
union all
select a.cdr_row, a.position, a.tariff, null, null
from agreed as a
where a.tariff is not null
    and list_contains(
        list_transform(a.tariff_ids, lambda one: lower(one)),
        lower(json_extract_string(a.tariff, '$.id'))
    )
union all
select p.cdr_row, p.position, t.tariff, p.discount, null
from published as p
join tariffs_in_force() as t
    on t.partner = p.partner and t.country_code = p.country_code and t.party_id = p.party_id
        and lower(t.id) = p.id_key
        and t.in_force_from_at <= p.start_at and (t.in_force_to_at is null or p.start_at < t.in_force_to_at)
order by cdr_row, position, tariff
