-- The loaded pulls of one partner's module, in the order of fetching, as `Reach`.
select
  p.pull_id, p.partner, p.module, p.party, p.mode, p.status, p.date_from_at, p.date_to_at,
  p.started_at
from ops.pulls as p
where p.partner = $partner and p.module = $module
order by p.pull_id
