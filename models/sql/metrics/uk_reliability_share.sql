-- Reliable ÷ opening minutes of rapid EVSEs in the United Kingdom in the calendar year.
select
    e.operator,
    case when avg(a.open_s) >= 86400 then sum(a.open_reliable_s) / sum(a.open_s) end as "value",
    sum(a.covered_s) / nullif(sum(a.window_s), 0) as coverage_share
from mart.evses as e
join mart.availability as a on e.canonical_evse = a.canonical_evse
where a.basis = 'observed' and a."window" = 'year' and e.removed_at is null
    and e.country = 'GBR' and e.power_kw >= 50
group by e.operator
order by e.operator
