-- Of first attempts to charge, those that gave 0.1 kWh or more in 2 minutes or more.
select
    month, partner,
    count(*) filter (where outcome = 'good') / count(*) as "value",
    count(*) as attempt_count
from mart.charges
where counts and not is_repeat
group by month, partner
order by month, partner
