-- Why money is held back: root causes by what they take off the claims.
select
    cause,
    sum(disputed_excl_vat) + sum(rejected_excl_vat) as held_back_excl_vat,
    any_value(currency) as currency,
    sum(cdr_count) as cdr_count,
    sum(disputed_excl_vat) as disputed_excl_vat,
    sum(rejected_excl_vat) as rejected_excl_vat,
    sum(claimed_excl_vat) as claimed_excl_vat
from mart.settlement_causes
where direction = 'payable' and section = 'roaming' and currency = $currency
    and ($month is null or month = $month) and ($partners is null or list_contains($partners, partner))
    and (disputed_excl_vat <> 0 or rejected_excl_vat <> 0)
group by cause
order by abs(held_back_excl_vat) desc, cause
