-- Adds the CDRs whose time has come.
insert into recon_touched
select a.rowid as n
from recon.cdrs as r
join core.cdrs as a
    on a.partner = r.partner and a.country_code = r.country_code
        and a.party_id = r.party_id and a.id = r.id
where r.recheck_at <= $as_of
