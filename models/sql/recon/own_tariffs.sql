-- The tariffs that the differing CDRs should be priced by: of the source that was taken, those in
-- use.
with embedded as (
    select
        d.cdr_row, d.partner, d.tariff_ids, unnest(d.tariff_hashes) as content_hash,
        generate_subscripts(d.tariff_hashes, 1) as position
    from recon_differing as d
    where d.tariff_source = 'embedded'
),
published as (
    select d.*, lower(unnest(d.tariff_ids)) as id_key, generate_subscripts(d.tariff_ids, 1) as position
    from recon_differing as d
    where d.tariff_source = 'published'
)
select e.cdr_row, e.position, t.tariff, cast(null as varchar) as detail
from embedded as e
join core.embedded_tariffs as t on t.partner = e.partner and t.content_hash = e.content_hash
where list_contains(list_transform(e.tariff_ids, lambda one: lower(one)), lower(t.id))
union all
select p.cdr_row, p.position, t.tariff, cast(null as varchar) as detail
from published as p
join tariffs_in_force() as t
    on t.partner = p.partner and t.country_code = p.country_code and t.party_id = p.party_id
        and lower(t.id) = p.id_key
        and t.in_force_from_at <= p.start_at and (t.in_force_to_at is null or p.start_at < t.in_force_to_at)
order by cdr_row, position, tariff
