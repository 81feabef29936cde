-- Puts in the rows of one batch.
insert into rating.cdrs by name
select *
from rated
