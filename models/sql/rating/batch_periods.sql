-- The charging periods of one batch, not quite in order.
select *
from pending_periods
where cdr_number >= $first and cdr_number < $end
