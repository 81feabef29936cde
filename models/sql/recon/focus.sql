-- recon_focus: the CDRs to judge, numbered.
create temp table recon_focus as
select
  a.n, a.partner, a.country_code, a.party_id, a.id,
  row_number() over (order by a.n) - 1 as place
from recon_all as a
where a.n in (select f.n from recon_focus_n as f)
