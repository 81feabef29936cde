-- Distinct CDRs a pull brought, and how many of them are new.
select
  (select count(*) from (select distinct s.country_code, s.party_id, s.id from staged_cdrs as s)),
  (select count(*) from fresh_cdrs)
