-- The CDRs that have prices and are no longer there. Whatever has lines has totals too, of which
-- there are far fewer.
create or replace temp table gone_cdrs as
select distinct r.partner, r.country_code, r.party_id, r.cdr_id
from rating.cdrs as r
anti join core.cdrs as c
  on c.partner = r.partner
  and c.country_code = r.country_code
  and c.party_id = r.party_id
  and c.id = r.cdr_id
