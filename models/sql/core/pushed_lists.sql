-- The lists of which anything was pushed.
select distinct p.partner, p.module
from ops.pushes as p
