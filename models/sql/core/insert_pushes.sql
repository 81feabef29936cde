-- The pushes of a page that are not known yet.
insert into ops.pushes by name
select n.*
from push_rows as n
where n.push_id not in (select k.push_id from ops.pushes as k)
