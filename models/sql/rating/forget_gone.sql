-- Takes out the prices of CDRs that are no longer there.
delete from rating.cdrs as r
where not exists (
  select 1
  from core.cdrs as c
  where c.partner = r.partner
    and c.country_code = r.country_code
    and c.party_id = r.party_id
    and c.id = r.cdr_id
)
