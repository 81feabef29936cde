-- What a partner's month still waits for beside its disputes: invoices, sessions without a CDR.
select
    count(*) as invoices,
    count(*) filter (verdict in ('pay_part', 'refuse')) as contested_invoices,
    (select count(*) from settle.accruals where partner = $partner and month = $month) as sessions,
    (
        select count(*) from settle.accruals
        where partner = $partner and month = $month and amount_excl_vat is null
    ) as unpriced_sessions,
    (
        select bool_or(billing = 'direct') from settle.statements
        where partner = $partner and month = $month and direction = 'payable'
    ) as is_invoiced
from settle.invoices
where partner = $partner and month = $month
