-- Each list of each partner: its newest pull, and how far it is complete.
with newest as (
    select
        partner, module, ocpi_version, status, started_at, finished_at, requests, pages, objects,
        total_count, bytes, error
    from ops.pulls
    where ($partner is null or partner = $partner) and mode not in ('push', 'send')
    qualify row_number() over (
            partition by partner, module order by started_at desc, pull_id desc
        ) = 1
),

complete as (
    select partner, module, min(complete_until_at) as complete_until_at
    from ops.watermarks
    group by partner, module
)

select
    n.partner, n.module, n.ocpi_version, n.status, n.started_at, c.complete_until_at,
    date_diff('millisecond', n.started_at, n.finished_at) * 0.001 as latency_s,
    n.requests, n.pages, n.objects, n.total_count as promised, n.bytes as total_bytes, n.error
from newest as n
left join complete as c on n.partner = c.partner and n.module = c.module
order by n.partner, n.module
