-- What our drivers' charges cost: claimed less rejected, credits taken off.
select
    month, partner, currency,
    sum(cost_excl_vat) as "value"
from mart.charges
where kind = 'cdr'
group by month, partner, currency
order by month, partner, currency
