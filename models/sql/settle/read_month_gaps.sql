-- What a partner's month still waits for beside its disputes: invoices, CDRs on none, sessions without a CDR.
select
    (select count(*) from settle.invoices where partner = $partner and month = $month) as invoices,
    (
        select count(*) from settle.invoices
        where partner = $partner and month = $month and verdict in ('pay_part', 'refuse')
    ) as contested_invoices,
    (
        select coalesce(sum(missing_count), 0) from settle.invoices
        where partner = $partner and month = $month
    ) as missing_cdrs,
    (
        select coalesce(sum(missing_excl_vat), 0) from settle.invoices
        where partner = $partner and month = $month
    ) as missing_excl_vat,
    (select count(*) from settle.accruals where partner = $partner and month = $month) as sessions,
    (
        select count(*) from settle.accruals
        where partner = $partner and month = $month and amount_excl_vat is null
    ) as unpriced_sessions,
    (
        select bool_or(billing = 'direct') from settle.statements
        where partner = $partner and month = $month and direction = 'payable'
    ) as is_invoiced
