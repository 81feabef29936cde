-- The same by operator or place, where most attempts failed first.
select
    case $by
        when 'partner' then partner
        when 'operator' then operator
        when 'country' then country
        when 'region' then region
        when 'city' then city
        when 'power_class' then power_class
        else location_name || ', ' || city
    end as group_name,
    count(*) as attempt_count,
    count(*) filter (where not is_repeat and outcome = 'good')
    / nullif(count(*) filter (where not is_repeat), 0) as first_time_share,
    count(*) filter (where outcome = 'good') / count(*) as success_share,
    count(*) filter (where outcome <> 'good') as failed_count,
    count(*) filter (where is_repeat) as repeat_count,
    count(*) filter (where outcome = 'short') as short_count,
    count(*) filter (where outcome = 'no_energy') as no_energy_count,
    count(*) filter (where outcome = 'invalid') as invalid_count
from matching_attempts($places, $days)
group by group_name
order by failed_count desc, attempt_count desc, group_name
