-- Months with a statement, the newest first; those after the newest page hold claims that lie
-- in the future.
select distinct
    month,
    month > (select strftime(max(fetched_at), '%Y-%m') from ops.pages) as ahead
from settle.statements
order by month desc
