-- Distinct CDRs a pull brought, and how many of them are new.
select count(distinct(s.country_code, s.party_id, lower(s.id))), (select count(*) from fresh_cdrs)
from staged_cdrs as s
