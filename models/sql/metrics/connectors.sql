-- Connectors still there, each EVSE counted once.
select partner, count(*) as "value"
from mart.connectors
group by partner
order by partner
