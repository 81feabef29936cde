-- Runs that have pulls but no row: those that Dagster started itself, whose ids are UUIDs, and
-- those whose row was lost with a warehouse.
select
    run_id,
    case when contains(run_id, '-') then 'dagster' else 'recovered' end as command,
    min(started_at) as started_at,
    max(finished_at) as finished_at,
    case when bool_and(status = 'complete') then 'complete' else 'failed' end as status,
    'unknown' as code_version,
    count(distinct partner) as partners,
    count(distinct partner) filter (status = 'failed') as partners_failed,
    cast(sum(pages) as bigint) as pages,
    cast(sum(objects) as bigint) as objects,
    cast(sum(bytes) as bigint) as bytes
from ops.pulls
where run_id not in (select run_id from ops.runs) and mode not in ('push', 'send')
group by run_id
