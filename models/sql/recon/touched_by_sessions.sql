-- Adds the CDRs of new or changed sessions: by their id, or where a CDR names none, near them, or
-- near what they were before: those that were matched with them.
insert into recon_touched
with fresh as (
    select s.* from core.sessions as s
    where s.page_id in (select x.value from recon_inputs_new as x where x.source = 'core.sessions')
)
select c.rowid as n
from core.cdrs as c
join fresh as s
    on s.partner = c.partner and s.country_code = c.country_code
        and s.party_id = c.party_id and lower(s.id) = lower(c.session_id)
union all
select c.rowid as n
from core.cdrs as c
join fresh as s
    on s.partner = c.partner and lower(s.token_uid) = lower(c.token_uid)
        and c.start_at between s.start_at - interval 60 seconds and s.start_at + interval 60 seconds
where c.session_id is null
union all
select c.rowid as n
from recon.cdrs as r
join fresh as s
    on s.partner = r.partner and s.country_code = r.country_code
        and s.party_id = r.party_id and lower(s.id) = lower(r.session_id)
join core.cdrs as c
    on c.partner = r.partner and c.country_code = r.country_code
        and c.party_id = r.party_id and c.id = r.id
