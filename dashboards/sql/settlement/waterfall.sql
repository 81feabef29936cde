-- What is taken off the claims against us on the way to what is payable, by verdict.
select
    verdict,
    sum(cdr_count) as cdr_count,
    sum(claimed_excl_vat) as claimed_excl_vat,
    sum(disputed_excl_vat) as disputed_excl_vat,
    sum(rejected_excl_vat) as rejected_excl_vat,
    sum(payable_excl_vat) as payable_excl_vat
from mart.settlement_causes
where direction = 'payable' and section = 'roaming' and currency = $currency
    and ($month is null or month = $month) and ($partner is null or partner = $partner)
group by verdict
order by verdict
