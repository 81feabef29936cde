-- settle_day_rates: the rates of each day on which a session in each currency ended, or something is
-- booked in it: few rows, however many CDRs.
-- The euro of the euro, and the reporting currency of itself, need no quote.
create or replace temp table settle_day_rates as
with days as (
    select currency, ended_on from settle_live
    union
    select currency, last_day(cast(month || '-01' as date)) from settle.statements
    union
    select currency, last_day(cast(month || '-01' as date)) from settle.accruals
    union
    select currency, last_day(cast(month || '-01' as date)) + 1 from settle.accruals
    union
    select currency, issued_on from settle.invoices
    union
    select currency, last_day(cast(month || '-01' as date)) from settle.invoices
),

quoted as (
    select d.currency, d.ended_on, max(q.on_date) as quoted_on, max(r.on_date) as reported_on
    from days as d
    left join settle_quotes as q
        on d.currency = q.currency and d.ended_on between q.on_date and q.last_on
    left join settle_quotes as r
        on r.currency = $reporting and d.ended_on between r.on_date and r.last_on
    group by all
)

select
    d.currency,
    d.ended_on,
    case when d.currency = $reporting then cast(1 as decimal(18, 6)) else q.quote end as fx_quote,
    case when d.currency = $reporting then cast(1 as decimal(18, 6)) else r.quote end
        as fx_reporting_quote,
    -- least() overlooks a null: without either rate there is no date, and no amount.
    case
        when d.currency = $reporting then d.ended_on
        when q.on_date is not null and r.on_date is not null
            then least(rate_day(q.on_date, d.ended_on), rate_day(r.on_date, d.ended_on))
    end as fx_date
from quoted as d
left join settle_quotes as q on d.currency = q.currency and d.quoted_on = q.on_date
left join settle_quotes as r on r.currency = $reporting and d.reported_on = r.on_date
