-- invoice_matches: the CDR of each line. Lines that name a CDR have it, however often it is named.
create or replace temp table invoice_matches as
select i, n, c, 'cdr' as kind
from invoice_candidates
where rank = 1
qualify row_number() over (partition by n order by difference, c) = 1
