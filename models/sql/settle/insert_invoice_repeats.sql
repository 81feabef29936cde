-- Lines whose CDRs other lines of the same invoice have already: they bill one of them again.
insert into invoice_matches
select k.i, k.n, k.c, case k.rank when 2 then 'session' when 3 then 'cdr' else 'place' end as kind
from invoice_candidates as k
anti join invoice_matches as m on k.n = m.n
qualify row_number() over (partition by k.n order by k.rank, k.difference, k.distance_s, k.c) = 1
