-- Adds the CDRs of new or changed sessions: by their id, or where a CDR names none, near them.
insert into recon_touched
with fresh as (
  select s.* from core.sessions as s
  where s.page_id in (select x.value from recon_seen_new as x where x.source = 'core.sessions')
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
  on s.partner = c.partner and s.token_uid = c.token_uid
  and c.start_at between s.start_at - interval 60 seconds and s.start_at + interval 60 seconds
where c.session_id is null
