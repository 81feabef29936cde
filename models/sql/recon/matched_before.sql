-- recon_matched_before: the sessions that the CDRs in focus were matched with by their former verdicts.
create temp table recon_matched_before as
select r.country_code, r.party_id, lower(r.session_id) as session_key
from recon.cdrs as r
join recon_focus as f
    on f.partner = r.partner and f.country_code = r.country_code
        and f.party_id = r.party_id and f.id = r.id
where r.session_id is not null
