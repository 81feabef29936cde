-- One round of pairing lines with CDRs that no line of the same invoice has yet: those that are each
-- other's best choice.
insert into invoice_matches
with free as (
    select k.*
    from invoice_candidates as k
    anti join invoice_matches as m on k.n = m.n
    anti join invoice_matches as m on k.i = m.i and k.c = m.c
)

select i, n, c, case rank when 2 then 'session' when 3 then 'cdr' else 'place' end as kind
from free
qualify row_number() over (partition by n order by rank, difference, distance_s, c) = 1
    and row_number() over (partition by i, c order by rank, difference, distance_s, n) = 1
