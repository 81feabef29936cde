-- How each list behaved on each day.
insert into mart.pull_daily by name
select
    partner,
    module,
    cast(started_at as date) as day_on,
    count(*) as pull_count,
    count(*) filter (where status = 'failed') as failed_count,
    sum(requests) as request_count,
    sum(pages) as page_count,
    sum(objects) as object_count,
    sum(bytes) as total_bytes,
    median(date_diff('millisecond', started_at, finished_at)) * 0.001 as latency_median_s,
    max(date_diff('millisecond', started_at, finished_at)) * 0.001 as latency_worst_s
from ops.pulls
where mode not in ('push', 'send')
group by partner, module, cast(started_at as date)
order by partner, module, day_on
