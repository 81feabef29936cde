-- The figures of a month for VAT returns, over all partners: by country, what it is, and rate.
with taxed as (
    select
        vat_country as country,
        case
            when vat_bucket = 'reverse_charge' then 'reverse charge'
            when direction = 'receivable' then 'output VAT'
            else 'input VAT'
        end as what,
        replace(vat_bucket, '_', ' ') as rate, currency,
        count(distinct partner || '/' || country_code || '/' || party_id) as counterparties,
        sum(payable_excl_vat) as base_excl_vat,
        case when bool_and(vat_amount is not null) then sum(vat_amount) end as vat_amount
    from settle.statement_vat
    where month = $month and direction <> 'compensation'
    group by all
),

owed as (
    -- The tax that we owe ourselves, at our own rate, as it is booked.
    select
        vat_country as country, currency,
        sum(case when debit = 'reverse_charge_input_vat' then amount else -amount end) as vat_amount
    from settle.journal
    where month = $month and kind = 'reverse_charge'
    group by all
)

select
    t.country, t.what, t.rate, t.currency, t.counterparties, t.base_excl_vat,
    case when t.what = 'reverse charge' then o.vat_amount else t.vat_amount end as vat_amount
from taxed as t
left join owed as o
    on t.currency = o.currency and case when t.what = 'reverse charge' then t.country end = o.country
order by all
