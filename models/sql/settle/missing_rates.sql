-- Charges without a rate into the reporting currency: how many, until which month, in what, and
-- the newest day whose rate was used.
select
    count(*) filter (where fx_date is null),
    max(natural_month) filter (where fx_date is null),
    string_agg(distinct currency, ', ' order by currency) filter (where fx_date is null),
    max(fx_date) filter (where fx_quote <> fx_reporting_quote)
from settle.statement_lines
