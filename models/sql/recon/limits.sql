-- recon_limits: what a price limit added to or took from a price.
create temp table recon_limits as
select f.n, l.source, sum(l.amount_excl_vat) as limit_excl_vat
from recon_focus as f
join rating.lines as l
  on l.partner = f.partner and l.country_code = f.country_code
  and l.party_id = f.party_id and l.cdr_id = f.id
where l.dimension = 'LIMIT'
group by f.n, l.source
