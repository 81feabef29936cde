-- What is taken off the claims against us on the way to what is payable, by verdict.
with taken as (
    select verdict, 'disputed' as what, sum(disputed_excl_vat) as taken_excl_vat
    from mart.settlement_causes
    where direction = 'payable' and section = 'roaming' and currency = $currency
        and ($month is null or month = $month) and ($partners is null or list_contains($partners, partner))
    group by verdict
    union all
    select verdict, 'rejected', sum(rejected_excl_vat)
    from mart.settlement_causes
    where direction = 'payable' and section = 'roaming' and currency = $currency
        and ($month is null or month = $month) and ($partners is null or list_contains($partners, partner))
    group by verdict
)

select verdict, what, taken_excl_vat
from taken
where taken_excl_vat <> 0
order by what, abs(taken_excl_vat) desc, verdict
