-- recon_focus: the CDRs to judge, with their keys.
create temp table recon_focus as
select c.rowid as n, c.partner, c.country_code, c.party_id, c.id
from core.cdrs as c
where c.rowid in (select f.n from recon_focus_rows as f)
