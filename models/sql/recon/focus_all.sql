-- recon_focus: the CDRs to judge; here every one in scope.
create temp table recon_focus as
select
  c.n, c.partner, c.country_code, c.party_id, c.id,
  row_number() over (order by c.n) - 1 as place
from recon_claims as c
