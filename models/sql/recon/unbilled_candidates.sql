-- recon_unbilled_candidates: the sessions that may have been billed, or be billed no longer, since the
-- last reconciliation: those that are new, and those that the CDRs in focus name or are matched with.
create temp table recon_unbilled_candidates as
with named as (
    select m.country_code, m.party_id, m.session_key from recon_matched_before as m
    union
    select c.country_code, c.party_id, lower(c.session_id) as session_key
    from core.cdrs as c
    where c.rowid in (select f.n from recon_focus as f)
    union
    select r.country_code, r.party_id, lower(r.session_id) as session_key
    from recon.cdrs as r
    join recon_focus as f
        on f.partner = r.partner and f.country_code = r.country_code
            and f.party_id = r.party_id and f.id = r.id
)
select s.rowid as n
from core.sessions as s
where s.page_id in (select x.value from recon_inputs_new as x where x.source = 'core.sessions')
union
select s.rowid as n
from core.sessions as s
join named as k
    on k.country_code = s.country_code and k.party_id = s.party_id
        and k.session_key = lower(s.id)
