-- How many statuses are doubtful, and why.
with chosen as (
    select canonical_evse
    from matching_evses($places)
)

select d.kind, count(*) as evse_count, count(*) / any_value(t.total) as evse_share
from mart.status_doubts as d
join chosen as c on d.canonical_evse = c.canonical_evse
cross join (select count(*) as total from chosen) as t
group by d.kind
order by evse_count desc, d.kind
