-- recon_unbilled_now: the sessions that no CDR of their own connection is for; `n` is the row in
-- core.sessions. What was known of them stands, but for the candidates. A CDR that names no session was
-- matched with one by its verdict.
create temp table recon_unbilled_now as
with candidates as (
    select s.rowid as n, s.partner, s.country_code, s.party_id, s.id, lower(s.id) as session_key
    from core.sessions as s
    where s.rowid in (select c.n from recon_unbilled_candidates as c)
),
claims as (
    select c.partner, c.country_code, c.party_id, lower(c.session_id) as session_key
    from core.cdrs as c
    anti join refused_for_party() as x
        on x.partner = c.partner and x.country_code = c.country_code
            and x.party_id = c.party_id and x.id = c.id
    where c.session_id is not null
    union all
    select r.partner, r.country_code, r.party_id, lower(r.session_id)
    from recon.cdrs as r
    where r.session_id is not null
),
billed as (
    select s.n, bool_or(b.partner = s.partner) as by_its_own
    from candidates as s
    join claims as b
        on b.country_code = s.country_code and b.party_id = s.party_id
            and b.session_key = s.session_key
    group by s.n
)
select s.n, s.partner, s.country_code, s.party_id, s.id, b.n is not null as is_billed_elsewhere
from candidates as s
left join billed as b on b.n = s.n
where not coalesce(b.by_its_own, false)
union all
select s.rowid, u.partner, u.country_code, u.party_id, u.id, u.is_billed_elsewhere
from recon.unbilled as u
join core.sessions as s
    on s.partner = u.partner and s.country_code = u.country_code
        and s.party_id = u.party_id and s.id = u.id
where s.rowid not in (select c.n from recon_unbilled_candidates as c)
