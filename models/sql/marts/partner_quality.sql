-- How well each partner's data can be relied on; a share that cannot be known stays unknown.
insert into mart.partner_quality by name
with recent_cdrs as (
    select
        partner,
        count(*) as cdr_count,
        median(date_diff('second', end_at, coalesce(last_updated_at, fetched_at))) as age_s,
        avg(
            cast(
                coalesce(last_updated_at, fetched_at) <= end_at + interval 24 hours as integer
            )
        ) as timely
    from core.cdrs
    where not credit and end_at between $as_of - interval 90 days and $as_of
    group by partner
),

ended_sessions as (
    select
        s.partner,
        count(*) as session_count,
        avg(cast(c.session_id is not null as integer)) as with_cdr
    from core.sessions as s
    left join (
        select distinct partner, country_code, party_id, session_id
        from recon.cdrs
        where session_id is not null
    ) as c
        on s.partner = c.partner and s.country_code = c.country_code
            and s.party_id = c.party_id and lower(s.id) = lower(c.session_id)
    where s.status = 'COMPLETED'
        and s.end_at between $as_of - interval 90 days and $as_of - interval 48 hours
    group by s.partner
),

objects as (
    select partner, count(*) as taken from core.cdrs group by partner
    union all select partner, count(*) from core.sessions group by partner
    union all select partner, count(*) from core.locations group by partner
    union all select partner, count(*) from core.tariffs group by partner
),

refused as (
    select partner, count(*) as quarantine_count from core.quarantine group by partner
),

repaired as (
    select
        partner,
        count(*) as deviation_count,
        count(distinct(module, country_code, party_id, object_id))
        filter (where kind = 'absent') as lacking
    from core.deviations
    group by partner
),

fields as (
    select
        o.partner,
        coalesce(any_value(r.quarantine_count), 0) as quarantine_count,
        coalesce(any_value(d.deviation_count), 0) as deviation_count,
        greatest(
            0,
            1 - (coalesce(any_value(r.quarantine_count), 0) + coalesce(any_value(d.lacking), 0))
            / nullif(sum(o.taken) + coalesce(any_value(r.quarantine_count), 0), 0)
        ) as whole
    from objects as o
    left join refused as r on o.partner = r.partner
    left join repaired as d on o.partner = d.partner
    group by o.partner
),

-- Amounts of different currencies cannot be added: each counts by its CDRs.
money_by_currency as (
    select
        partner,
        count(*) as cdr_count,
        1 - least(
            1,
            sum(abs(coalesce(disputed_excl_vat, 0)) + abs(coalesce(rejected_excl_vat, 0)))
            / nullif(sum(abs(claimed_excl_vat)), 0)
        ) as correct
    from recon.cdrs
    where claimed_excl_vat is not null
    group by partner, currency
),

correctness as (
    select partner, sum(correct * cdr_count) / sum(cdr_count) as correct
    from money_by_currency
    where correct is not null
    group by partner
),

-- Copies once, sister parties' tariffs included: the same count as of connectors without a price.
connectors as (
    select
        partner,
        sum(connector_count) as connector_count,
        coalesce(sum(connector_count) filter (where has_known_tariff(reason)), 0)
            as priced_connector_count
    from mart.price_baskets
    where moment = 'noon' and idle_min = 0
    group by partner
),

partners as (
    select partner from ops.partner_health
    union select partner from objects
),

measured as (
    select
        p.partner,
        h.last_success_at,
        date_diff('second', h.last_success_at, $as_of) as fresh_s,
        coalesce(c.cdr_count, 0) as cdr_count,
        c.age_s,
        c.timely,
        coalesce(s.session_count, 0) as session_count,
        s.with_cdr,
        f.whole,
        m.correct,
        coalesce(n.connector_count, 0) as connector_count,
        coalesce(n.priced_connector_count, 0) as priced_connector_count,
        coalesce(f.quarantine_count, 0) as quarantine_count,
        coalesce(f.deviation_count, 0) as deviation_count
    from partners as p
    left join ops.partner_health as h on p.partner = h.partner
    left join recent_cdrs as c on p.partner = c.partner
    left join ended_sessions as s on p.partner = s.partner
    left join fields as f on p.partner = f.partner
    left join correctness as m on p.partner = m.partner
    left join connectors as n on p.partner = n.partner
),

shares as (
    select
        *,
        -- Whole for a day, gone after a week.
        greatest(0, least(1, 1 - (fresh_s - 86400) / (6 * 86400.0))) as freshness,
        list_avg(list_filter([with_cdr, whole], lambda x: x is not null)) as complete,
        priced_connector_count / nullif(connector_count, 0) as coverage
    from measured
)

select
    partner,
    $as_of as as_of_at,
    last_success_at,
    fresh_s / 3600.0 as fresh_h,
    freshness as freshness_share,
    cdr_count,
    age_s / 3600.0 as cdr_age_median_h,
    timely as timeliness_share,
    session_count,
    with_cdr as session_cdr_share,
    whole as fields_share,
    complete as completeness_share,
    correct as correctness_share,
    connector_count,
    priced_connector_count,
    coverage as tariff_coverage_share,
    quarantine_count,
    deviation_count,
    list_avg(
        list_filter(
            [freshness, timely, complete, correct, coverage], lambda x: x is not null
        )
    ) as score_share
from shares
order by partner
