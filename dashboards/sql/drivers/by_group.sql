-- The same by operator or place, where most attempts failed first.
select
    charge_group(
        $by, partner, operator, country, region, city, power_class, location_name
    ) as group_name,
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
