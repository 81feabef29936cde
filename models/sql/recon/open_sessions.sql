-- recon_open_sessions: the sessions that go on or ended and have no CDR, whichever connection may have
-- brought one; `n` is the row in core.sessions. One that ended and was free needs none. A CDR that names
-- no session was matched with one by its verdict. A session that a connection in the partners file
-- brings, too, is no longer one of a connection that left it (`former`).
create temp table recon_open_sessions as
with billed as (
    select c.country_code, c.party_id, lower(c.session_id) as session_key
    from core.cdrs as c
    where c.session_id is not null
    union all
    select r.country_code, r.party_id, lower(r.session_id) as session_key
    from recon.cdrs as r
    join core.cdrs as c
        on c.partner = r.partner and c.country_code = r.country_code
            and c.party_id = r.party_id and c.id = r.id
    where r.session_id is not null and c.session_id is null
)
select s.rowid as n, lower(s.token_uid) as token_key, s.start_at
from core.sessions as s
anti join billed as b
    on b.country_code = s.country_code and b.party_id = s.party_id
        and b.session_key = lower(s.id)
anti join superseded_objects('core.sessions', $former) as x
    on x.partner = s.partner and x.country_code = s.country_code
        and x.party_id = s.party_id and x.id = s.id
where (s.status = 'ACTIVE' or (s.status = 'COMPLETED' and s.total_cost_excl_vat is distinct from 0))
    and s.start_at <= $as_of::timestamptz
