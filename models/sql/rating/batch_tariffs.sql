-- The candidate tariffs of one batch by one source, in the order they are tried in.
select cdr_number, tariff, by_connector, is_only
from pending_tariffs
where cdr_number >= $first and cdr_number < $end and source = $source
order by cdr_number, place, tariff
