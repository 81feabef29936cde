-- The partners that anything came from.
select c.partner from core.cdrs as c
union
select s.partner from core.sessions as s
union
select i.partner from core.invoices as i
union
select p.partner from ops.pulls as p
order by partner
