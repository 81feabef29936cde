-- Puts in the periods of the CDRs that `insert_cdrs` took, and of no other copy of them.
insert into core.charging_periods ({columns})
select {columns}
from staged_charging_periods as s
where {taken}
