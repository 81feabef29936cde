-- Watermarks further ahead of the clock than clocks differ: a wrong clock set them.
select w.partner, w.module, w.complete_until_at
from ops.watermarks as w
where w.complete_until_at > $now + interval 5 minutes
order by w.partner, w.module
