-- Months with a statement, the newest first, and whether each is too early to look at: one that began
-- less than a week before the newest page says little, while the one before it is being closed; claims
-- after it lie in the future.
select distinct
    month,
    month > strftime(newest_page_at(null) - interval 7 days, '%Y-%m') as is_early
from settle.statements
order by month desc
