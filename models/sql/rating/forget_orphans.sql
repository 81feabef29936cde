-- Takes out the prices of CDRs that are no longer there.
delete from rating.{table} as r
using gone_cdrs as g
where r.partner = g.partner
  and r.country_code = g.country_code
  and r.party_id = g.party_id
  and r.cdr_id = g.cdr_id
