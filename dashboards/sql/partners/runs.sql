-- Runs, the newest first.
select
    run_id, command, status, started_at, date_diff('millisecond', started_at, finished_at) * 0.001
        as duration_s,
    partners, partners_failed, pages, objects, bytes as total_bytes, code_version
from ops.runs
order by started_at desc, run_id
