-- Puts in the CDRs that are not known yet; a known one never changes.
insert into core.cdrs by name
select s.* exclude (staged_row)
from staged_cdrs as s
where s.staged_row in (select f.staged_row from fresh_cdrs as f)
