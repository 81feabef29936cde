-- Pulls by day: how many, how many failed, how long they took.
select
    partner, module, day_on, pull_count, failed_count, request_count, page_count, object_count,
    total_bytes, latency_median_s, latency_worst_s
from mart.pull_daily
where $partner is null or partner = $partner
order by day_on desc, partner, module
