-- What a driver met over one window, and how much of it anybody observed.
select
    count(*) as evse_count,
    count(*) filter (where a.covered_s > 0) as covered_count,
    sum(a.covered_s) / nullif(sum(a.window_s), 0) as coverage_share,
    sum(a.live_s) / nullif(sum(a.window_s), 0) as live_share,
    sum(a.available_s + a.charging_s + a.reserved_s)
    / nullif(sum(a.covered_s - a.planned_s - a.removed_s), 0) as strict_share,
    sum(a.unknown_s) / nullif(sum(a.covered_s - a.planned_s - a.removed_s), 0) as unknown_share
from matching_evses($places) as c
join mart.availability as a on c.canonical_evse = a.canonical_evse
where a.basis = $basis and a."window" = $window
