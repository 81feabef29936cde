-- How completely and how soon each list is pushed: pushes against pulls.
insert into mart.push_quality by name
with pushes as (
    select
        partner, module,
        min(received_at) as live_from_at,
        max(received_at) as last_push_at,
        count(*) as push_count,
        count(*) filter (where state = 'refused') as refused_count,
        count(*) filter (where state = 'unusable') as unusable_count,
        median(delay_ms) * 0.001 as delay_median_s,
        quantile_disc(delay_ms, 0.95) * 0.001 as delay_worst_s
    from (
        select
            *,
            case when state = 'loaded' and last_updated_at <= received_at
                    then date_diff('millisecond', last_updated_at, received_at)
            end as delay_ms
        from ops.pushes
    )
    group by partner, module
),

audits as (
    select
        partner, module,
        count(*) as object_count,
        count(*) filter (where pushed_at is not null and pulled_at is not null) as both_ways_count,
        count(*) filter (where missed_at is not null and late_at is null) as missed_count,
        count(*) filter (where late_at is not null) as late_count,
        count(*) filter (where changed_at is not null) as changed_count,
        count(*) filter (where unlisted_at is not null and pulled_at is null) as unlisted_count,
        cast(count(*) filter (where pulled_at is not null and missed_at is null) as double)
        / nullif(count(*) filter (where pulled_at is not null), 0) as push_complete_share
    from ops.push_audit
    group by partner, module
),

inferred as (
    select
        partner,
        case
            when rule_id = 'SESSION_MISSING' then 'sessions'
            when rule_id = 'LOCATION_UNKNOWN' then 'locations'
            when rule_id = 'TARIFF_MISSING' then 'tariffs'
            when subject_id like 'invoices %' then 'invoicereconciliation'
            else 'cdrs'
        end as module,
        cast(
            sum(if(rule_id in ('INVOICE_CDR_UNKNOWN', 'SEQUENCE_GAP'), abs(delta), 1)) as bigint
        ) as missing_count
    from recon.findings
    where rule_id in (
            'CDR_MISSING', 'INVOICE_CDR_UNKNOWN', 'LOCATION_UNKNOWN', 'SEQUENCE_GAP',
            'SESSION_MISSING', 'TARIFF_MISSING'
        )
    group by all
),

pulled as (
    select distinct partner, module
    from ops.pulls
    where status = 'complete' and mode not in ('push', 'send')
)

select
    p.partner, p.module, p.live_from_at, p.last_push_at,
    p.push_count - p.refused_count as push_count,
    p.refused_count, p.unusable_count,
    coalesce(o.object_count, 0) as object_count,
    coalesce(o.both_ways_count, 0) as both_ways_count,
    coalesce(o.missed_count, 0) as missed_count,
    coalesce(o.late_count, 0) as late_count,
    coalesce(o.changed_count, 0) as changed_count,
    coalesce(o.unlisted_count, 0) as unlisted_count,
    o.push_complete_share,
    l.partner is not null as is_pulled,
    coalesce(i.missing_count, 0) as inferred_missing_count,
    p.delay_median_s, p.delay_worst_s
from pushes as p
left join inferred as i on p.partner = i.partner and p.module = i.module
left join pulled as l on p.partner = l.partner and p.module = l.module
left join audits as o on p.partner = o.partner and p.module = o.module
order by p.partner, p.module
