-- Partners whose CDRs do not have as many charging periods as they say.
with
stated as (
    select c.partner, sum(c.period_count) as periods
    from core.cdrs as c
    group by c.partner
),
kept as (
    select p.partner, count(*) as periods
    from core.charging_periods as p
    group by p.partner
)
select
    count(*) as violations,
    list(coalesce(s.partner, k.partner) order by coalesce(s.partner, k.partner)) as examples
from stated as s
full join kept as k on k.partner = s.partner
where coalesce(s.periods, 0) <> coalesce(k.periods, 0)
