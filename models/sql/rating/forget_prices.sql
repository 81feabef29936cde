-- Takes out the prices that no longer hold: their CDR is gone, or is priced again.
delete from rating.cdrs as r
using rating_changes as c
where c.is_known
    and r.partner = c.partner
    and r.country_code = c.country_code
    and r.party_id = c.party_id
    and r.cdr_id = c.id
