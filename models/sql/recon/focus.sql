-- recon_focus: the CDRs to judge ({condition}).
create temp table recon_focus as
select c.rowid as n, c.partner, c.country_code, c.party_id, c.id
from core.cdrs as c
where {condition}
