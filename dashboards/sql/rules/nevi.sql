-- NEVI (23 CFR 680.116): the share of ports above 97 % uptime, and the same ratio of all of them
-- together. A port is judged once it was observed for a day; UNKNOWN counts as up.
with ports as (
    select
        a.covered_s, a.window_s, a.open_outage_s, a.unknown_s,
        a.covered_s >= 86400 as judged,
        (a.covered_s - a.open_outage_s) / nullif(a.covered_s, 0) as uptime_share
    from matching_evses($places) as c
    join mart.availability as a on c.canonical_evse = a.canonical_evse
    where a.basis = $basis and a."window" = $window
)

select
    count(*) as port_count,
    count(*) filter (where judged) as judged_count,
    count(*) filter (where judged and uptime_share > 0.97) as above_count,
    count(*) filter (where judged and uptime_share > 0.97)
    / nullif(count(*) filter (where judged), 0) as above_share,
    sum(covered_s - open_outage_s) filter (where judged)
    / nullif(sum(covered_s) filter (where judged), 0) as pooled_share,
    sum(unknown_s) filter (where judged) / nullif(sum(covered_s) filter (where judged), 0)
        as unknown_share,
    sum(covered_s) / nullif(sum(window_s), 0) as coverage_share,
    avg(covered_s) / 86400 as observed_days
from ports
