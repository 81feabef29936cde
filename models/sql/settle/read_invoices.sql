-- Invoices of a partner, a month or a number; null: all.
select * exclude (read_by, import_order)
from settle.invoices
where ($partner is null or partner = $partner)
    and ($month is null or month = $month)
    and ($number is null or lower(number) = lower($number))
order by issued_on desc, partner, number
