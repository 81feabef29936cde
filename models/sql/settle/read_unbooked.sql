-- What of a month cannot be booked, or not for good; amounts by currency.
select 'open' as what, null as amount, null as currency, count(distinct partner) as count
from settle.statements
where month = $month and ($partner is null or partner = $partner) and status <> 'locked'
having count(*) > 0
union all
(
    select 'vat', sum(payable_excl_vat), currency, count(*)
    from settle.statement_vat
    where month = $month and ($partner is null or partner = $partner)
        and vat_amount is null and direction <> 'compensation'
    group by currency
    order by currency
)
union all
select 'sessions', null, null, count(*)
from settle.accruals
where month = $month and ($partner is null or partner = $partner) and amount_excl_vat is null
having count(*) > 0
union all
(
    select 'reverse', sum(payable_excl_vat), currency, count(*)
    from settle.statement_vat
    where month = $month and ($partner is null or partner = $partner)
        and vat_bucket = 'reverse_charge' and direction = 'payable'
    group by currency
    order by currency
)
union all
(
    select distinct 'rate', null, currency, 0
    from settle.journal
    where month = $month and ($partner is null or partner = $partner) and reporting_amount is null
    order by currency
)
