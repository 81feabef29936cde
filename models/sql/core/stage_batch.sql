-- Adds the rows of some pages to what a pull brought so far.
insert into {staged} by name
select *
from staging_batch
