-- Adds the CDRs of which a changed copy came.
insert into recon_touched
select a.n
from recon_all as a
join core.cdr_conflicts as x
  on x.partner = a.partner and x.country_code = a.country_code
  and x.party_id = a.party_id and x.id = a.id
where x.page_id in (select s.value from recon_seen_new as s where s.source = 'core.cdr_conflicts')
