-- The charging periods of one batch.
select * exclude (pending_number), pending_number - $first as cdr_row
from pending_periods
where pending_number >= $first and pending_number < $last
order by pending_number, period_index
