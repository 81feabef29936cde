-- Puts what locked months hold back into {table}, as it was locked.
insert into settle.{table} by name
select * from settle_booked_rows
