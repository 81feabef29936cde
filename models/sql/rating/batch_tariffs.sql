-- The candidate tariffs of one batch.
select source, partner, content_hash, pending_number - $first as cdr_row
from pending_tariffs
where pending_number >= $first and pending_number < $last
order by pending_number, source, place
