-- Takes out the findings about CDRs that are judged anew.
delete from recon.findings as r
using recon_focus as f
where r.subject = 'cdr'
    and r.partner = f.partner
    and r.country_code = f.country_code
    and r.party_id = f.party_id
    and r.subject_id = f.id
