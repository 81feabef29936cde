-- Takes out what was known of a batch's CDRs before they were priced again.
delete from rating.cdrs as r
using pending_cdrs as c
where c.is_known
  and c.pending_number >= $first
  and c.pending_number < $last
  and r.partner = c.partner
  and r.country_code = c.country_code
  and r.party_id = c.party_id
  and r.cdr_id = c.id
