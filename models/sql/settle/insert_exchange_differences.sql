-- What another day's rate makes of an amount that was booked before, in the reporting currency: an accrual
-- taken back on the first day of the next month, a charge or a dispute taken back in a later month than it
-- was booked in (at the mean rate of its bookings), and a payable at its invoice's date. A locked month
-- gets none; what it holds of an invoice is not booked again. Without a rate nothing is.
insert into settle.journal by name
with accruals as (
    select
        a.partner, a.country_code, a.party_id, r.month, a.direction, a.section,
        'exchange_accrual' as kind, r.posted_on, a.reference, 'accrued' as account,
        case when a.credit = 'accrued' then 1 else -1 end
        * (r.reporting_amount - a.reporting_amount) as difference
    from settle.journal as a
    inner join settle.journal as r
        on a.partner = r.partner and a.country_code = r.country_code
            and a.party_id = r.party_id and a.currency = r.currency
            and r.kind = 'accrual_reversal' and r.posted_on = a.posted_on + 1
    where a.kind = 'accrual' and a.currency <> $reporting
),

credits as (
    select partner, country_code, party_id, id, credits_id from recon.cdrs
    where credits_id is not null
),

lines as (
    -- A credit CDR is about the charge that it credits.
    select
        l.partner, l.country_code, l.party_id, l.month, l.currency, l.direction, l.section,
        l.cdr_country_code, l.cdr_party_id, l.cdr_id, coalesce(c.credits_id, l.cdr_id) as charge_id,
        l.payable_excl_vat, l.disputed_excl_vat
    from settle.statement_lines as l
    left join credits as c
        on l.partner = c.partner and l.cdr_country_code = c.country_code
            and l.cdr_party_id = c.party_id and l.cdr_id = c.id
    where l.currency <> $reporting and l.kind <> 'fee'
),

charges as (
    -- Those of which something was taken back.
    select l.*
    from lines as l
    semi join (select * from lines where payable_excl_vat < 0 or disputed_excl_vat < 0) as b
        on l.partner = b.partner and l.cdr_country_code = b.cdr_country_code
            and l.cdr_party_id = b.cdr_party_id and l.charge_id = b.charge_id
),

taxes as (
    select
        partner, cdr_country_code, cdr_party_id, cdr_id, month,
        sum(vat_unrounded(payable_excl_vat, vat_rate)) as vat
    from settle.line_vat
    semi join charges using (partner, cdr_country_code, cdr_party_id, cdr_id, month)
    group by all
),

parts as (
    select
        c.*,
        'exchange_correction' as kind,
        cast(
            c.payable_excl_vat
            + case when c.direction = 'compensation' then 0 else coalesce(t.vat, 0) end
            as decimal(18, 6)
        ) as amount
    from charges as c
    left join taxes as t using (partner, cdr_country_code, cdr_party_id, cdr_id, month)
    union all
    select *, 'exchange_reserve', disputed_excl_vat from charges
    where direction = 'payable'
),

amounts as (
    select p.*, q.fx_quote, q.fx_reporting_quote
    from parts as p
    inner join settle_day_rates as q
        on p.currency = q.currency
            and q.ended_on = last_day(cast(p.month || '-01' as date))
    where p.amount <> 0 and q.fx_date is not null
),

taken_back as (
    select
        t.* replace (-t.amount as amount),
        sum(b.amount) as booked,
        sum(convert_amount(b.amount, b.fx_quote, b.fx_reporting_quote)) as booked_value
    from amounts as t
    inner join amounts as b
        on t.partner = b.partner and t.cdr_country_code = b.cdr_country_code
            and t.cdr_party_id = b.cdr_party_id and t.charge_id = b.charge_id
            and t.kind = b.kind and b.month < t.month and b.amount > 0
    where t.amount < 0
    group by all
),

corrections as (
    select
        t.partner, t.country_code, t.party_id, t.month, t.direction, t.section, t.kind,
        last_day(cast(t.month || '-01' as date)) as posted_on,
        t.country_code || '/' || t.party_id || ' ' || t.month || ' ' || t.currency as reference,
        case
            when t.kind = 'exchange_reserve' then 'dispute_reserve'
            when t.direction = 'receivable' then 'receivable'
            else 'payable'
        end as account,
        round_to_minor_unit(
            sum(
                convert_amount(t.amount, t.fx_quote, t.fx_reporting_quote)
                - from_micro(micro(t.booked_value) * micro(t.amount) // micro(t.booked))
            ),
            any_value(u.decimals)
        ) as difference
    from (select * replace (least(amount, booked) as amount) from taken_back) as t
    left join settle_minor_units as u on u.currency = $reporting
    group by all
),

invoiced as (
    select
        i.partner, i.country_code, i.party_id, i.number, i.issued_on,
        strftime(i.issued_on, '%Y-%m') as issued_month,
        round_to_minor_unit(
            convert_amount(i.amount, n.fx_quote, n.fx_reporting_quote), u.decimals
        )
        - round_to_minor_unit(
            convert_amount(i.amount, b.fx_quote, b.fx_reporting_quote), u.decimals
        ) as difference
    from (
        select *, coalesce(payable_incl_vat, payable_excl_vat) as amount from settle.invoices
        where not is_credit and verdict <> 'replaced' and currency <> $reporting
    ) as i
    inner join settle_day_rates as n
        on i.currency = n.currency and i.issued_on = n.ended_on
    inner join settle_day_rates as b
        on i.currency = b.currency and last_day(cast(i.month || '-01' as date)) = b.ended_on
            and i.issued_on > b.ended_on
    left join settle_minor_units as u on u.currency = $reporting
    where n.fx_date is not null and b.fx_date is not null
),

held as (
    select
        partner, country_code, party_id, reference as number, max(posted_on) as issued_on,
        max(month) as issued_month,
        sum(case when credit = 'payable' then amount else -amount end) as difference
    from settle_kept_journal
    where kind = 'exchange_invoice'
    group by all
),

invoices as (
    select
        partner, country_code, party_id,
        coalesce(p.posting_month, coalesce(i.issued_month, h.issued_month)) as month,
        'payable' as direction, 'roaming' as section, 'exchange_invoice' as kind,
        case
            when p.posting_month is null then i.issued_on
            else last_day(cast(p.posting_month || '-01' as date))
        end as posted_on,
        number as reference, 'payable' as account,
        coalesce(i.difference, 0) - coalesce(h.difference, 0) as difference
    from invoiced as i
    full join held as h using (partner, country_code, party_id, number)
    left join settle_posting as p
        on partner = p.partner and p.natural_month = coalesce(i.issued_month, h.issued_month)
),

entries as (
    select * from accruals
    union all
    select * from corrections
    union all
    select * from invoices
)

-- A debt that grows is a loss, what is owed to us and grows a gain.
select
    partner, country_code, party_id, month, $reporting as currency, direction, section, kind,
    '*' as vat_country, '*' as vat_bucket, posted_on,
    case
        when account = 'receivable' and difference > 0 then account
        when account <> 'receivable' and difference < 0 then account
        else 'exchange_loss'
    end as debit,
    case
        when account = 'receivable' and difference > 0 then 'exchange_gain'
        when account <> 'receivable' and difference < 0 then 'exchange_gain'
        else account
    end as credit,
    cast(abs(difference) as decimal(18, 6)) as amount,
    reference,
    $reporting as reporting_currency,
    cast(abs(difference) as decimal(18, 6)) as reporting_amount
from entries
where difference <> 0
    and (partner, month) not in (select (partner, month) from settle_locked)
