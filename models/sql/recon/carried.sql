-- recon_carried: the tariffs each CDR in focus carries, against the versions published when it
-- started: the first whose prices differ, and the tax rates they name.
create temp table recon_carried as
with carried as (
  select f.n, c.start_at, c.partner, unnest(c.tariff_hashes) as content_hash
  from recon_focus as f
  join core.cdrs as c on c.rowid = f.n
  where not c.credit
)
select
  c.n,
  min(e.id) filter (where p.pricing <> e.pricing) as differing_tariff_id,
  min(e.vat_low) as vat_rate_low,
  max(e.vat_high) as vat_rate_high
from carried as c
join recon_embedded as e on e.partner = c.partner and e.content_hash = c.content_hash
left join recon_published as p
  on p.partner = e.partner and p.country_code = e.country_code
  and p.party_id = e.party_id and p.id_key = e.id_key
  and p.valid_from_at <= c.start_at
  and (p.valid_to_at is null or c.start_at < p.valid_to_at)
group by c.n
