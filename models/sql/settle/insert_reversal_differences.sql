-- What locked months took back of accruals of the month before that are others now, as where that one was
-- locked later, or reopened: the difference posts to the next month that is open, so that what is
-- accrued comes to nothing, in the reporting currency too (the accrual is worth what it was as its month ended).
insert into settle.journal by name
with owed as (
    select
        partner, country_code, party_id, currency, month as accrued_in,
        strftime(cast(month || '-01' as date) + interval 1 month, '%Y-%m') as month,
        sum(amount_excl_vat) as amount
    from settle.accruals
    where amount_excl_vat is not null and currency is not null
    group by all
),

both_sides as (
    select
        o.partner, o.country_code, o.party_id, o.currency, o.month, o.amount,
        round_to_minor_unit(
            convert_amount(o.amount, q.fx_quote, q.fx_reporting_quote), u.decimals
        ) as worth
    from owed as o
    left join settle_day_rates as q
        on o.currency = q.currency and last_day(cast(o.accrued_in || '-01' as date)) = q.ended_on
    left join settle_minor_units as u on u.currency = $reporting
    union all
    -- Exchange differences are in the reporting currency; the reference ends with that of the accrual.
    select
        partner, country_code, party_id, right(reference, 3), month,
        case when kind <> 'accrual_reversal' then 0 when debit = 'accrued' then -amount else amount end,
        case when debit = 'accrued' then -reporting_amount else reporting_amount end
    from settle_kept_journal
    where kind in ('accrual_reversal', 'exchange_accrual')
),

differences as (
    select
        b.partner, b.country_code, b.party_id, p.posting_month as month, b.currency,
        sum(b.amount) as amount,
        case when count(*) = count(b.worth) then sum(b.worth) end as worth
    from both_sides as b
    inner join settle_kept_months as k on b.partner = k.partner and b.month = k.month
    inner join settle_posting as p on b.partner = p.partner and b.month = p.natural_month
    group by all
    having sum(b.amount) <> 0
)

select
    partner, country_code, party_id, month, currency,
    'payable' as direction, 'roaming' as section, 'accrual_reversal' as kind,
    '*' as vat_country, '*' as vat_bucket,
    last_day(cast(month || '-01' as date)) as posted_on,
    case when amount < 0 then 'expense' else 'accrued' end as debit,
    case when amount < 0 then 'accrued' else 'expense' end as credit,
    cast(abs(amount) as decimal(18, 6)) as amount,
    country_code || '/' || party_id || ' ' || month || ' ' || currency as reference,
    case when worth is not null then $reporting end as reporting_currency,
    cast(case when amount < 0 then -worth else worth end as decimal(18, 6)) as reporting_amount
from differences
