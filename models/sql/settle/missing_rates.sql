-- Charges without a rate into the reporting currency: how many, until which month, in what.
select count(*), max(natural_month), string_agg(distinct currency, ', ' order by currency)
from settle.statement_lines
where fx_date is null
