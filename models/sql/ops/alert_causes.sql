-- What needs a person, a row for each cause and currency: what is wrong with whom, since when.
with attention as (
    select
        kind,
        partner,
        nullif(currency, '*') as currency,
        sum(item_count) as item_count,
        sum(amount_excl_vat) as amount_excl_vat,
        nullif(string_agg(distinct subject, ', ' order by subject), '*') as detail
    from mart.attention
    where kind not in ('partner_failing', 'removals_withheld')
    group by kind, partner, nullif(currency, '*')
),

in_doubt as (
    select
        'money_in_doubt' as kind,
        partner,
        currency,
        count(*) as item_count,
        sum(abs(contested_excl_vat)) as amount_excl_vat,
        null as detail
    from settle.disputes
    where state in ('detected', 'open', 'sent', 'escalated')
        and currency is not null
        and contested_excl_vat <> 0
    group by partner, currency
),

partners as (
    select
        case state when 'failed' then 'partner_failing' else 'list_incomplete' end as kind,
        partner,
        null as currency,
        consecutive_failures as item_count,
        null as amount_excl_vat,
        message as detail
    from ops.partner_health
    where state <> 'ok' and message is not null
),

removals as (
    select
        'removals_withheld' as kind,
        partner,
        null as currency,
        count(*) as item_count,
        null as amount_excl_vat,
        string_agg(distinct module, ', ' order by module) as detail
    from ops.removals_skipped
    group by partner
),

drops as (
    select
        'volume_drop' as kind,
        partner,
        null as currency,
        count(*) as item_count,
        null as amount_excl_vat,
        max(subject_id) as detail
    from recon.findings
    where rule_id = 'VOLUME_DROP'
        and subject_id >= 'cdrs ' || strftime(cast($since as timestamp), '%Y-%m-%d')
    group by partner
),

last_run as (
    select
        'run_failed' as kind,
        '*' as partner,
        null as currency,
        1 as item_count,
        null as amount_excl_vat,
        run_id as detail
    from ops.runs
    where status = 'failed' and partners_failed = 0
    qualify row_number() over (order by started_at desc, run_id) = 1
        and started_at = (select max(started_at) from ops.runs)
)

select * from attention
union all by name
select * from in_doubt
union all by name
select * from partners
union all by name
select * from removals
union all by name
select * from drops
union all by name
select * from last_run
order by kind, partner, currency
