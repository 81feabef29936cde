-- Figures for monitoring: name, the partner they are of (null: nobody's in particular), value.
select 'partner_ok' as name, partner, case state when 'ok' then 1.0 else 0.0 end as value
from ops.partner_health
union all
select 'partner_visited_timestamp_seconds', partner, epoch(checked_at)
from ops.partner_health
union all
select 'partner_consecutive_failures', partner, consecutive_failures
from ops.partner_health
union all
select 'partner_complete_until_timestamp_seconds', partner, epoch(min(complete_until_at))
from ops.watermarks
group by partner
union all
select 'partner_objects_refused', partner, count(*)
from core.quarantine
group by partner
union all
select 'cdrs', partner, count(*)
from core.cdrs
group by partner
union all
select 'run_ok', null, case status when 'complete' then 1.0 else 0.0 end
from ops.runs
where finished_at = (select max(finished_at) from ops.runs)
union all
select 'run_finished_timestamp_seconds', null, epoch(max(finished_at))
from ops.runs
having max(finished_at) is not null
union all
select 'run_duration_seconds', null, epoch(finished_at) - epoch(started_at)
from ops.runs
where finished_at = (select max(finished_at) from ops.runs)
order by name, partner
