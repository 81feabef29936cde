-- What became of the claims of the last 13 months in one currency; months that lie in the future,
-- because a CDR says so, are left out.
select
    month,
    sum(payable_excl_vat) as payable_excl_vat,
    sum(disputed_excl_vat) as disputed_excl_vat,
    sum(rejected_excl_vat) as rejected_excl_vat
from settle.statements
where direction = 'payable' and section = 'roaming' and currency = $currency
    and ($partners is null or list_contains($partners, partner))
    and month <= strftime(newest_page_at(null), '%Y-%m')
    and month > strftime(newest_page_at(null) - interval 13 months, '%Y-%m')
group by month
order by month
