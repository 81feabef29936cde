-- The same status again was seen until now; another status ended the one before when it began.
update core.evse_status as c
set
    to_at = case when o.goes_on then c.to_at else o.from_at end,
    observed_until_at = case
        when o.goes_on then greatest(c.observed_until_at, o.fetched_at)
        else least(c.observed_until_at, o.from_at)
    end
from status_observed as o
where c.rowid = o.open_row
