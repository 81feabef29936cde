-- Adds the CDRs of new or changed sessions: by their id, or where a CDR names none, near them.
insert into recon_touched
with fresh as (
  select s.* from core.sessions as s
  where s.page_id in (select x.value from recon_seen_new as x where x.source = 'core.sessions')
)
select a.n
from recon_all as a
join fresh as s
  on s.partner = a.partner and s.country_code = a.country_code
  and s.party_id = a.party_id and lower(s.id) = a.session_key
union all
select a.n
from recon_all as a
join fresh as s
  on s.partner = a.partner and s.token_uid = a.token_uid
  and a.start_at between s.start_at - interval 60 seconds and s.start_at + interval 60 seconds
where a.session_key is null
