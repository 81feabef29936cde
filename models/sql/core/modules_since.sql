-- The lists of which a pull began at a moment or later.
select distinct p.partner, p.module
from ops.pulls as p
where p.started_at >= $since
order by p.partner, p.module
