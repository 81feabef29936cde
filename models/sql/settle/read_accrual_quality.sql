-- How good the accruals of the last three locked months were: what was accrued for the sessions whose CDR
-- has come since, beside what these claim.
select
    month, currency, count(*) as sessions, count(cdr_id) as billed,
    sum(amount_excl_vat) filter (where cdr_id is not null) as accrued_excl_vat,
    sum(actual_excl_vat) filter (where amount_excl_vat is not null) as actual_excl_vat
from settle.accruals
where ($partner is null or partner = $partner) and currency is not null
    and month < $month
    and month >= strftime(cast($month || '-01' as date) - interval 3 month, '%Y-%m')
    and (partner, month) in (select (partner, month) from settle.statements where status = 'locked')
group by all
having billed > 0
order by month, currency
