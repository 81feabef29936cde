-- Puts in the periods of the CDRs that `insert_fresh_cdrs` took, and of no other copy of them.
insert into core.charging_periods by name
select s.* exclude (cdr_row)
from staged_charging_periods as s
where s.cdr_row in (select f.staged_row from fresh_cdrs as f)
