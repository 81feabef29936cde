-- CDRs of a partner's month that its invoices should list and do not, by currency.
select currency, sum(missing_count) as cdrs, sum(missing_excl_vat) as claimed_excl_vat
from settle.invoices
where partner = $partner and month = $month and missing_count > 0
group by currency
order by currency
