-- The day of a rate as it counts for another day: a rate that has always counted is of that day.
create or replace macro rate_day(rate_on, used_on) as
case when rate_on = date '0001-01-01' then used_on else rate_on end
