-- Months that ended before a moment and that nobody locked, by partner.
select distinct
    partner,
    month
from settle.statements
where status <> 'locked'
    and strptime(month || '-01', '%Y-%m-%d') < $before
order by partner, month
