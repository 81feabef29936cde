-- Of the observed time of the last 30 days, when EVSEs showed AVAILABLE, CHARGING or RESERVED.
select
    e.partner, e.operator,
    sum(a.available_s + a.charging_s + a.reserved_s)
    / nullif(sum(a.covered_s - a.planned_s - a.removed_s), 0) as "value",
    sum(a.covered_s) / nullif(sum(a.window_s), 0) as coverage_share
from mart.evses as e
join mart.availability as a on e.canonical_evse = a.canonical_evse
where a.basis = 'observed' and a."window" = '30d' and e.removed_at is null
group by e.partner, e.operator
order by e.partner, e.operator
