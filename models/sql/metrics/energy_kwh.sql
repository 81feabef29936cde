-- Energy of our drivers' billed charges, credits taken off.
select
    month, partner, currency,
    sum(energy_kwh) as "value"
from mart.charges
where kind = 'cdr'
group by month, partner, currency
order by month, partner, currency
