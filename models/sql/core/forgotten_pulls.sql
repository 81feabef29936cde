-- The pulls to forget: of one partner's module, all of them or those that began at a moment or later.
create or replace temp table forgotten_pulls as
select p.pull_id
from ops.pulls as p
where p.partner = $partner
  and p.module = $module
  and ($since is null or p.started_at >= $since)
