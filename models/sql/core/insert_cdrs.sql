-- Puts in the CDRs that are not known yet; a known one never changes.
insert into core.cdrs ({columns})
select {columns}
from staged_cdrs as s
where {taken}
