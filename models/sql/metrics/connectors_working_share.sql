-- Of the connectors, those whose EVSE shows AVAILABLE, CHARGING or RESERVED.
select
    k.partner,
    count(*) filter (where e.status in ('AVAILABLE', 'CHARGING', 'RESERVED')) / count(*)
        as "value"
from mart.connectors as k
join mart.evses as e on k.canonical_evse = e.canonical_evse
group by k.partner
order by k.partner
