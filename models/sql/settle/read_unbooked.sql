-- What of a month cannot be booked, or not for good.
select 'open' as what, null as amount, count(distinct partner) as count
from settle.statements
where month = $month and ($partner is null or partner = $partner) and status <> 'locked'
having count(*) > 0
union all
select 'vat', sum(payable_excl_vat), count(*)
from settle.statement_vat
where month = $month and ($partner is null or partner = $partner)
    and vat_amount is null and direction <> 'compensation'
having count(*) > 0
union all
select 'sessions', null, count(*)
from settle.accruals
where month = $month and ($partner is null or partner = $partner) and amount_excl_vat is null
having count(*) > 0
union all
select 'reverse', sum(payable_excl_vat), count(*)
from settle.statement_vat
where month = $month and ($partner is null or partner = $partner)
    and vat_bucket = 'reverse_charge' and direction = 'payable'
having count(*) > 0
