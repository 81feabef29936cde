-- recon_refused: changed copies of CDRs that were refused, by key.
create temp table recon_refused as
select
  x.partner, x.country_code, x.party_id, x.id,
  cast(count(*) as bigint) as refused_copies,
  max_by(x.total_cost_excl_vat, (x.fetched_at, x.content_hash)) as refused_excl_vat
from core.cdr_conflicts as x
group by x.partner, x.country_code, x.party_id, x.id
