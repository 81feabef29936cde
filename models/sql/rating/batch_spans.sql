-- The CDR at which each batch of CDRs to price begins.
select c.cdr_number
from (
    select cdr_number, row_number() over (order by cdr_number) - 1 as place
    from rating_changes
    where cdr_number is not null
) as c
where c.place % $size = 0
order by c.cdr_number
