-- The newest pull of each list, as its partner and module: ids sort by when pulls began.
select p.partner || '/' || p.module as list, max(p.pull_id) as pull_id
from ops.pulls as p
group by p.partner, p.module
