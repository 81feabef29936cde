-- What waits for a person: one row for each kind of thing, partner, subject and currency.
insert into mart.attention by name
with contested as (
    select *, coalesce(month, '*') as subject_month, coalesce(currency, '*') as in_currency
    from settle.disputes
    where contested_excl_vat <> 0 or coalesce(contested_vat, 0) <> 0 or state <> 'detected'
),

disputes as (
    select
        case
            when escalation = 'escalation' then 'dispute_escalation'
            when escalation = 'reminder' then 'dispute_overdue'
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
    where consecutive_failures > 0
    union all
    select 'removals_withheld', partner, '*', '*', count(*), null
    from ops.removals_skipped
    group by partner
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
    union all
    -- Until their CDRs come, which are judged themselves; older ones can no longer be billed.
    select
        'sessions_in_doubt', f.partner, '*', coalesce(a.currency, '*'), count(*),
        sum(a.amount_excl_vat)
    from (
        select distinct partner, country_code, party_id, subject_id as id
        from recon.findings
        where rule_id in ('SESSION_NOT_AUTHORISED', 'SESSION_RESERVED_UNUSED')
    ) as f
    join core.sessions as s
        on f.partner = s.partner and f.country_code = s.country_code
            and f.party_id = s.party_id and f.id = s.id
    left join (
        select
            partner, country_code, party_id, session_id, currency,
            sum(amount_excl_vat) as amount_excl_vat
        from settle.accruals
        group by all
    ) as a
        on f.partner = a.partner and f.country_code = a.country_code
            and f.party_id = a.party_id and f.id = a.session_id
    where s.start_at > $as_of - interval 90 days
    group by f.partner, a.currency
    union all
    select 'numbers_missing', partner, '*', '*', cast(sum(abs(delta)) as bigint), null
    from recon.findings
    where rule_id = 'SEQUENCE_GAP'
    group by partner
)

select * from waiting
order by kind, partner, subject, currency
