-- What roaming partners claim for a month, in each currency, and what became of it.
with summed as (
    select
        currency,
        sum(cdr_count) as cdr_count,
        sum(claimed_excl_vat) as claimed_excl_vat,
        sum(agreed_excl_vat) as agreed_excl_vat,
        sum(payable_excl_vat) as payable_excl_vat,
        sum(disputed_excl_vat) as disputed_excl_vat,
        sum(rejected_excl_vat) as rejected_excl_vat
    from settle.statements
    where month = $month and direction = 'payable' and section = 'roaming'
    group by currency
)

select
    currency, cdr_count, claimed_excl_vat, agreed_excl_vat, payable_excl_vat, disputed_excl_vat,
    rejected_excl_vat,
    agreed_excl_vat / nullif(claimed_excl_vat, 0) as agreed_share,
    payable_excl_vat / nullif(claimed_excl_vat, 0) as payable_share,
    disputed_excl_vat / nullif(claimed_excl_vat, 0) as disputed_share,
    rejected_excl_vat / nullif(claimed_excl_vat, 0) as rejected_share
from summed
order by cdr_count desc, currency
