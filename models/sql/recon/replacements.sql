-- recon_replacements: for each original that credits take something off, and for those credits, the
-- claim for the same session that is open now: the earliest made, then by id.
create temp table recon_replacements as
with credited as (
    select
        x.n,
        c.country_code || '/' || c.party_id || '/' || coalesce(c.session_key, lower(s.id)) as session_group
    from recon_cancellations as x
    join recon_claims as c on c.n = x.n
    left join recon_sessions as s on s.n = c.n
),
found as (
    select c.n, min_by(l.id, (l.made_at, l.id, l.partner)) as replaced_by_id
    from credited as c
    join recon_open_claims as l on l.session_group = c.session_group
    group by c.n
)
select f.n, f.replaced_by_id from found as f
union all
select k.n, f.replaced_by_id
from found as f
join recon_credits as k on k.original_n = f.n and k.is_honoured
