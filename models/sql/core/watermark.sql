-- How far a list is complete, and when its last complete full pull began.
select w.complete_until_at, w.full_at, w.pull_id
from ops.watermarks as w
where w.partner = $partner and w.module = $module and w.party = $party
