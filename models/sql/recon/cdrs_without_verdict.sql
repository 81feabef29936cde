-- How many CDRs have no verdict.
select count(*)
from core.cdrs as c
anti join recon.cdrs as r
    on r.partner = c.partner and r.country_code = c.country_code
        and r.party_id = c.party_id and r.id = c.id
