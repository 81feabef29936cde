-- recon_open_sessions: the sessions that go on or ended and have no CDR, whichever connection may have
-- brought one; `n` is the row in core.sessions. One that ended and was free needs none. A session that
-- a connection in the partners file brings, too, is no longer one of a connection that left it
-- (`former`).
create temp table recon_open_sessions as
with known as (
    select s.rowid as n, s.partner, s.country_code, s.party_id, lower(s.id) as session_key, s.token_uid, s.start_at
    from core.sessions as s
    where s.rowid in (select u.n from recon_unbilled_now as u where not u.is_billed_elsewhere)
        and (s.status = 'ACTIVE' or (s.status = 'COMPLETED' and s.total_cost_excl_vat is distinct from 0))
        and s.start_at <= $as_of::timestamptz
),
superseded as (
    select k.n
    from known as k
    join core.sessions as a
        on a.country_code = k.country_code and a.party_id = k.party_id and lower(a.id) = k.session_key
    where list_contains($former, k.partner) and not list_contains($former, a.partner)
)
select k.n, lower(k.token_uid) as token_key, k.start_at
from known as k
where k.n not in (select x.n from superseded as x)
