-- Loaded pulls of one partner's module in the order of fetching, with every witness of when they
-- began: our clock, the partner's clock, the times of pages and of the end.
select
    coalesce(p.party, '*') as party,
    p.pull_id,
    p.mode,
    p.status = 'complete' as is_complete,
    p.date_from_at,
    p.date_to_at,
    p.started_at,
    p.finished_at,
    min(g.fetched_at) as fetched_at,
    arg_min(json_extract_string(g.headers, '$.date'), g.position) as date_header
from ops.pulls as p
left join ops.pages as g on g.partner = p.partner and g.pull_id = p.pull_id
where p.partner = $partner
    and p.module = $module
group by all
order by p.pull_id
