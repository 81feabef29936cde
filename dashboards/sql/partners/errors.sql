-- Pulls that failed, the newest first.
select started_at, partner, module, party, mode, requests, pages, error
from ops.pulls
where status = 'failed' and ($partner is null or partner = $partner)
order by started_at desc, pull_id
