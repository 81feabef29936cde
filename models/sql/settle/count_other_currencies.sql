-- How much is, or was, booked in another currency than the reporting one: only that makes exchange
-- differences.
select count(*)
from (
    select currency <> $reporting as is_other from settle.statements
    union all
    select currency <> $reporting from settle.invoices
    union all
    select currency <> $reporting or kind like 'exchange%' from settle.journal
)
where is_other
