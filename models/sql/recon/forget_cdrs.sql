-- Takes out the verdicts on CDRs that are judged anew.
delete from recon.cdrs as r
using recon_focus as f
where r.partner = f.partner
    and r.country_code = f.country_code
    and r.party_id = f.party_id
    and r.id = f.id
