-- Months with a statement, the newest first; those after the newest page hold claims that lie
-- in the future.
select distinct
    month,
    month > strftime(newest_page_at(null), '%Y-%m') as ahead
from settle.statements
order by month desc
