-- A row where anything of a list was pushed.
select 1 as is_pushed
from ops.pushes as p
where p.partner = $partner and p.module = $module and p.state = 'loaded'
limit 1
