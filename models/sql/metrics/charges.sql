-- Charges of our drivers that a CDR bills, by the day (UTC) they ended.
select
    month, partner, currency,
    count(*) filter (where counts) as "value"
from mart.charges
where kind = 'cdr'
group by month, partner, currency
order by month, partner, currency
