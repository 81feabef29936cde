-- The two ends of the way from claimed to payable, in one currency.
select
    sum(claimed_excl_vat) as claimed_excl_vat,
    sum(payable_excl_vat) as payable_excl_vat
from settle.statements
where direction = 'payable' and section = 'roaming' and currency = $currency
    and ($month is null or month = $month) and ($partners is null or list_contains($partners, partner))
