-- Journal entries of every month: each statement with its tax, what it disputes, what is accrued at the
-- month's end and taken back on the first day of the next. An amount stands on two accounts, so
-- that entries always balance; below zero the accounts change over.
insert into settle.journal by name
with charging as (
    select
        partner, country_code, party_id, month, currency, direction, section,
        'charging' as kind, vat_country, vat_bucket,
        case direction
            when 'receivable' then 'receivable'
            when 'compensation' then 'compensation'
            else 'expense'
        end as debit,
        case direction when 'receivable' then 'revenue' else 'payable' end as credit,
        payable_excl_vat as amount
    from settle.statement_vat
),

taxes as (
    select
        partner, country_code, party_id, month, currency, direction, section,
        'vat' as kind, vat_country, vat_bucket,
        case direction when 'receivable' then 'receivable' else 'input_vat' end as debit,
        case direction when 'receivable' then 'output_vat' else 'payable' end as credit,
        vat_amount as amount
    from settle.statement_vat
    where direction <> 'compensation'
),

reverse_charges as (
    -- The recipient owes the tax at the rate of its own country, and deducts it.
    select
        v.partner, v.country_code, v.party_id, v.month, v.currency, v.direction, v.section,
        'reverse_charge' as kind, v.vat_country, v.vat_bucket,
        'reverse_charge_input_vat' as debit,
        'reverse_charge_output_vat' as credit,
        vat_of(v.payable_excl_vat, r.vat_rate, u.decimals) as amount
    from settle.statement_vat as v
    inner join settle_standard_rates as r
        on r.country = $own_country and cast(v.month || '-01' as date) >= r.first_on
            and cast(v.month || '-01' as date) < r.until_on
    left join settle_minor_units as u on v.currency = u.currency
    where v.vat_bucket = 'reverse_charge' and v.direction = 'payable'
),

reserves as (
    select
        partner, country_code, party_id, month, currency, direction, section,
        'dispute_reserve' as kind, '*' as vat_country, '*' as vat_bucket,
        'dispute_expense' as debit, 'dispute_reserve' as credit,
        disputed_excl_vat as amount
    from settle.statements
    where direction = 'payable'
),

accrued as (
    select
        partner, country_code, party_id, month, currency,
        sum(amount_excl_vat) as amount
    from settle.accruals
    where amount_excl_vat is not null and currency is not null
    group by all
),

accruals as (
    select
        partner, country_code, party_id, month, currency,
        'payable' as direction, 'roaming' as section,
        'accrual' as kind, '*' as vat_country, '*' as vat_bucket,
        'expense' as debit, 'accrued' as credit, amount
    from accrued
    union all
    select
        partner, country_code, party_id,
        strftime(cast(month || '-01' as date) + interval 1 month, '%Y-%m') as month, currency,
        'payable' as direction, 'roaming' as section,
        'accrual_reversal' as kind, '*' as vat_country, '*' as vat_bucket,
        'accrued' as debit, 'expense' as credit, amount
    from accrued
),

entries as (
    select * from charging
    union all
    select * from taxes
    union all
    select * from reverse_charges
    union all
    select * from reserves
    union all
    select * from accruals
),

posted as (
    select
        partner, country_code, party_id, month, currency, direction, section, kind, vat_country,
        vat_bucket,
        case when kind = 'accrual_reversal' then cast(month || '-01' as date)
            else last_day(cast(month || '-01' as date))
        end as posted_on,
        case when amount < 0 then credit else debit end as debit,
        case when amount < 0 then debit else credit end as credit,
        cast(abs(amount) as decimal(18, 6)) as amount,
        country_code || '/' || party_id || ' ' || month || ' ' || currency as reference
    from entries
    where amount <> 0
)

select
    p.*,
    case when q.fx_date is not null then $reporting end as reporting_currency,
    round_to_minor_unit(
        convert_amount(p.amount, q.fx_quote, q.fx_reporting_quote), u.decimals
    ) as reporting_amount
from posted as p
left join settle_day_rates as q on p.currency = q.currency and p.posted_on = q.ended_on
left join settle_minor_units as u on u.currency = $reporting
