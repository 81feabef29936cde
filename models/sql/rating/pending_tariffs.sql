-- The candidate tariffs of the CDRs to price, in their order.
create or replace temp table pending_tariffs as
select c.pending_number, k.source, c.partner, k.content_hash, k.place
from pending_cdrs as c
join candidate_tariffs as k on k.cdr_number = c.cdr_number
order by c.pending_number, k.source, k.place
