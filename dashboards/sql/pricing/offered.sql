-- What connectors can be charged by: the tariffs of each offer, each combination once.
select distinct tariffs
from mart.offers
where tariffs is not null
order by tariffs
