-- recon_open_claims: the claims that stand, with the session they are for: no credits, none that
-- a credit took something off (`partly_credited_claims` puts some of those back), none that another
-- copy takes the place of, none of whose copies that stand before it a credit does, and none in another party's
-- name. A CDR that names no session and has none is for one of its own.
create temp table recon_open_claims as
select
    c.*,
    c.country_code || '/' || c.party_id || '/'
    || coalesce(c.session_key, lower(s.id), 'cdr ' || c.id_key) as session_group
from recon_claims as c
left join recon_sessions as s on s.n = c.n
where not c.credit
    and c.n not in (select x.n from recon_cancellations as x)
    and c.n not in (select k.n from recon_credited_copies as k)
    and c.n not in (select s.n from recon_superseded as s)
    and c.n not in (select s.n from recon_unaccepted as s)
