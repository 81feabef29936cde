-- Currencies that our charging is billed in, that of most charges first.
select currency, count(*) as charge_count
from mart.charges
where currency is not null
group by currency
order by charge_count desc, currency
