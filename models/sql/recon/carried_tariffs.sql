-- recon_carried_tariffs: the tariffs each CDR in focus carries, against the versions published when
-- it started: the first whose prices differ, and the lowest and highest tax rate they name.
create temp table recon_carried_tariffs as
with carried as (
    select f.n, c.start_at, c.partner, unnest(c.tariff_hashes) as content_hash
    from recon_focus as f
    join core.cdrs as c on c.rowid = f.n
    where not c.credit
),
embedded as (
    select
        e.partner, e.content_hash, e.country_code, e.party_id, lower(e.id) as id_key, e.id,
        cast(
            json_extract_string(e.tariff, '$.elements[*].price_components[*].vat') as decimal(18, 6)[]
        ) as vat_rates,
        pricing_digest(e.tariff) as pricing
    from core.embedded_tariffs as e
),
published as (
    select
        t.partner, t.country_code, t.party_id, lower(t.id) as id_key, t.in_force_from_at,
        coalesce(t.in_force_to_at, 'infinity') as in_force_to_at,
        pricing_digest(t.tariff) as pricing
    from tariffs_in_force() as t
)
select
    c.n,
    min(e.id) filter (where p.pricing <> e.pricing) as differing_tariff_id,
    min(list_min(e.vat_rates)) as vat_rate_low,
    max(list_max(e.vat_rates)) as vat_rate_high
from carried as c
join embedded as e on e.partner = c.partner and e.content_hash = c.content_hash
left join published as p
    on p.partner = e.partner and p.country_code = e.country_code
        and p.party_id = e.party_id and p.id_key = e.id_key
        and p.in_force_from_at <= c.start_at and c.start_at < p.in_force_to_at
group by c.n
