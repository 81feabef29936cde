-- Of the EVSEs observed for a day or more in the last 12 months, those up for more than 97 % of it.
select
    e.partner,
    count(*) filter (where (a.covered_s - a.open_outage_s) / a.covered_s > 0.97) / count(*)
        as "value",
    count(*) as judged_count
from mart.evses as e
join mart.availability as a on e.canonical_evse = a.canonical_evse
where a.basis = 'observed' and a."window" = '12m' and e.removed_at is null
    and a.covered_s >= 86400
group by e.partner
order by e.partner
