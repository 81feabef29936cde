-- Pulls by day: of one partner by its lists, else by partner.
select
    day_on,
    case when $partner is null then partner else module end as series,
    max(latency_worst_s) as latency_worst_s,
    sum(request_count) as request_count,
    sum(failed_count) as failed_count
from mart.pull_daily
where ($partner is null or partner = $partner)
    and day_on >= (select max(day_on) from mart.pull_daily) - 90
group by day_on, case when $partner is null then partner else module end
order by day_on, series
