-- How our drivers' attempts to charge went in the last days: a proxy, from CDRs, sessions that no CDR
-- bills, and repeated attempts of one token at one location.
select
    count(*) as attempt_count,
    count(*) filter (where not is_repeat) as first_count,
    count(*) filter (where not is_repeat and outcome = 'good')
    / nullif(count(*) filter (where not is_repeat), 0) as first_time_share,
    count(*) filter (where outcome = 'good') / nullif(count(*), 0) as success_share,
    count(*) filter (where outcome <> 'good') as failed_count,
    count(*) filter (where is_repeat) as repeat_count,
    count(*) filter (where outcome = 'short') as short_count,
    count(*) filter (where outcome = 'no_energy') as no_energy_count,
    count(*) filter (where outcome = 'invalid') as invalid_count
from matching_attempts($places, $days)
