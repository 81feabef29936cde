-- Claimed, payable, disputed and rejected of each month in one currency.
select
    month,
    sum(payable_excl_vat) as payable_excl_vat,
    sum(disputed_excl_vat) as disputed_excl_vat,
    sum(rejected_excl_vat) as rejected_excl_vat
from settle.statements
where direction = 'payable' and section = 'roaming' and currency = $currency
    and ($partner is null or partner = $partner)
group by month
order by month
