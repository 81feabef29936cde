-- The page that something came from.
select p.*, l.ocpi_version
from ops.pages as p
left join ops.pulls as l on p.pull_id = l.pull_id
where p.page_id = $page_id
