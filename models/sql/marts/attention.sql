-- What waits for a person: one row for each kind of thing, partner, subject and currency.
insert into mart.attention by name
with contested as (
    select *, coalesce(month, '*') as subject_month, coalesce(currency, '*') as in_currency
    from settle.disputes
    where contested_excl_vat <> 0 or state <> 'detected'
),

disputes as (
    select
        case
            when state in ('open', 'sent', 'escalated') and due_on < cast($as_of as date)
                then 'dispute_overdue'
            when state = 'open' then 'dispute_unsent'
            when state = 'detected' then 'dispute_undecided'
        end as kind,
        *
    from contested
),

waiting as (
    select
        kind,
        partner,
        subject_month as subject,
        in_currency as currency,
        count(*) as item_count,
        sum(contested_excl_vat) as amount_excl_vat
    from disputes
    where kind is not null
    group by kind, partner, subject_month, in_currency
    union all
    select 'partner_failing', partner, '*', '*', consecutive_failures, null
    from ops.partner_health
    where state <> 'ok'
    union all
    select
        'tolerance_exceeded', partner, month, currency, count(*),
        sum(tolerated_difference_excl_vat)
    from settle.statements
    where tolerance_exceeded and status <> 'locked'
    group by partner, month, currency
    union all
    -- A month can be closed once it is over and its late CDRs had ten days to come.
    select
        'month_unlocked', partner, month, currency, count(*),
        sum(case when direction = 'payable' then payable_excl_vat else -payable_excl_vat end)
    from settle.statements
    where status <> 'locked'
        and strptime(month || '-01', '%Y-%m-%d') + interval 1 month + interval 10 days
        <= cast($as_of as timestamp)
    group by partner, month, currency
    union all
    select 'objects_refused', partner, module, '*', count(*), null
    from core.quarantine
    where fetched_at > $as_of - interval 7 days
    group by partner, module
    union all
    select 'tariffs_missing', partner, '*', '*', connector_count - priced_connector_count, null
    from mart.partner_quality
    where connector_count > priced_connector_count
)

select * from waiting
order by kind, partner, subject, currency
