-- The lines of open months, with the exchange rate of the day the session ended, else of the last
-- day before that has one.
insert into settle.statement_lines by name
with fresh as (
    select s.*, q.fx_quote, q.fx_reporting_quote, q.fx_date
    from settle_open as s
    left join settle_day_rates as q on s.currency = q.currency and s.ended_on = q.ended_on
)

select
    {names},
    {converted}
from fresh
