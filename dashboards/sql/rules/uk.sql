-- UK reliability (PCPR 2023) by operator: EVSEs from 50 kW at sites in the United Kingdom. An
-- operator is judged once its EVSEs were observed for a day of opening time each, on average.
with rapid as (
    select
        c.operator, a.covered_s, a.window_s, a.open_s, a.open_reliable_s, a.open_outage_s,
        a.unknown_s
    from matching_evses($places) as c
    join mart.availability as a on c.canonical_evse = a.canonical_evse
    where a.basis = $basis and a."window" = $window
        and c.country = 'GBR' and c.power_kw >= 50
),

operators as (
    select
        operator,
        count(*) as evse_count,
        avg(open_s) / 86400 as observed_days,
        sum(covered_s) / nullif(sum(window_s), 0) as coverage_share,
        sum(open_reliable_s) / nullif(sum(open_s), 0) as reliable_share,
        sum(open_reliable_s) / 3600 as reliable_h,
        sum(open_outage_s) / 3600 as outage_h,
        sum(open_s) / 3600 as open_h,
        sum(unknown_s) / nullif(sum(covered_s), 0) as unknown_share
    from rapid
    group by operator
)

select
    operator, evse_count,
    case when observed_days >= 1 then reliable_share end as reliable_share,
    case
        when coalesce(observed_days, 0) < 1 then 'too early to say'
        when coverage_share < 0.9 then 'on part of the time'
        when reliable_share >= 0.99 then 'meets 99 %'
        else 'misses 99 %'
    end as judgement,
    coverage_share, observed_days, open_h, reliable_h, outage_h, unknown_share
from operators
order by evse_count desc, operator
