-- recon_replacements: for each cancelled original, and for its credit, the claim for the same session
-- that stands now: the earliest made, then by id.
create temp table recon_replacements as
with cancelled as (
  select
    k.original_n, k.cancelled_by_n,
    c.country_code || '/' || c.party_id || '/' || coalesce(c.session_key, lower(s.id)) as session_group
  from recon_credits as k
  join recon_claims as c on c.n = k.original_n
  left join recon_sessions as s on s.n = c.n
  where k.cancelled_by_n = k.n
),
found as (
  select c.original_n, c.cancelled_by_n, min_by(l.id, (l.made_at, l.id, l.partner)) as replaced_by_id
  from cancelled as c
  join recon_open_claims as l on l.session_group = c.session_group
  group by c.original_n, c.cancelled_by_n
)
select f.original_n as n, f.replaced_by_id from found as f
union all
select f.cancelled_by_n as n, f.replaced_by_id from found as f
