-- The pages of the pulls to forget: of one partner's module, all or those that began at a moment or
-- later.
create or replace temp table forgotten_pages as
select p.page_id
from ops.pages as p
inner join ops.pulls as u on u.pull_id = p.pull_id
where u.partner = $partner
    and u.module = $module
    and ($since is null or u.started_at >= $since)
