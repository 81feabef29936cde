-- Puts in the rows of one batch.
insert into rating.{table} by name
select *
from rated
