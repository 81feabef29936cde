-- First-time success and failures, week by week.
select
    cast(date_trunc('week', ended_on) as date) as day_on,
    count(*) as attempt_count,
    count(*) filter (where not is_repeat and outcome = 'good')
    / nullif(count(*) filter (where not is_repeat), 0) as first_time_share
from matching_attempts($places, $days)
group by day_on
order by day_on
