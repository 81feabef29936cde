-- Adds the CDRs of which a changed copy came.
insert into recon_touched
select c.rowid as n
from core.cdrs as c
join core.cdr_conflicts as x
    on x.partner = c.partner and x.country_code = c.country_code
        and x.party_id = c.party_id and lower(x.id) = lower(c.id)
where x.page_id in (select s.value from recon_inputs_new as s where s.source = 'core.cdr_conflicts')
