-- Statuses that are stale or that something contradicts.
insert into mart.status_doubts by name
with living as (
    select * from mart.evses where removed_at is null
),

-- DC tells of itself every day, AC every week; null: nobody ever said when.
stale as (
    select
        canonical_evse, 'stale' as kind, status, last_updated_at as since_at, 1 as case_count,
        'no new last_updated for longer than '
        || case when power_class = 'ac' then '7 days' else '24 hours' end as evidence
    from living
    where power_class <> 'unknown'
        and last_updated_at
        < $as_of - case when power_class = 'ac' then interval 7 days else interval 24 hours end
),

charging_too_long as (
    select
        canonical_evse, 'charging_too_long' as kind, status, status_from_at as since_at,
        1 as case_count,
        'CHARGING for longer than '
        || case when power_class = 'ac' then '72' else '6' end || ' hours' as evidence
    from living
    where status = 'CHARGING' and power_class <> 'unknown'
        and status_from_at
        < $as_of - case when power_class = 'ac' then interval 72 hours else interval 6 hours end
),

copies_disagree as (
    select
        e.canonical_evse, 'copies_disagree' as kind, e.status,
        min(c.last_updated_at) as since_at, count(*) as case_count,
        'other copies say '
        || string_agg(distinct c.status, ', ' order by c.status) as evidence
    from living as e
    join core.evses as c
        on e.canonical_evse = c.canonical_evse and c.removed_at is null and c.status <> e.status
    group by e.canonical_evse, e.status
),

charged as (
    select
        k.canonical_evse, max(c.start_at) as since_at, count(*) as case_count
    from recon.findings as f
    join core.cdrs as c
        on f.partner = c.partner and f.country_code = c.country_code
            and f.party_id = c.party_id and f.subject_id = c.id
    join core.evses as k
        on c.partner = k.partner and c.country_code = k.country_code
            and c.party_id = k.party_id and lower(c.location_id) = lower(k.location_id)
            and lower(c.evse_uid) = lower(k.uid)
    where f.rule_id = 'EVSE_NOT_OPERATIVE' and f.subject = 'cdr'
    group by k.canonical_evse
),

charged_while_out as (
    select
        e.canonical_evse, 'charged_while_out' as kind, e.status, c.since_at, c.case_count,
        'charges took place while it said that it was out of service' as evidence
    from charged as c
    join living as e on c.canonical_evse = e.canonical_evse
),

session_not_shown as (
    select
        e.canonical_evse, 'session_not_shown' as kind, e.status, min(s.start_at) as since_at,
        count(*) as case_count, 'a session is active there' as evidence
    from core.sessions as s
    join core.evses as k
        on s.partner = k.partner and s.country_code = k.country_code
            and s.party_id = k.party_id and lower(s.location_id) = lower(k.location_id)
            and lower(s.evse_uid) = lower(k.uid)
    join living as e on k.canonical_evse = e.canonical_evse
    where s.status = 'ACTIVE' and s.end_at is null
        and s.start_at between $as_of - interval 3 days and $as_of - interval 15 minutes
        and e.status in ('AVAILABLE', 'INOPERATIVE', 'OUTOFORDER', 'PLANNED', 'REMOVED')
    group by e.canonical_evse, e.status
),

doubts as (
    select * from stale
    union all by name select * from charging_too_long
    union all by name select * from copies_disagree
    union all by name select * from charged_while_out
    union all by name select * from session_not_shown
)

select
    canonical_evse, kind, status, since_at, evidence, case_count,
    cast(greatest(epoch_us($as_of) - epoch_us(since_at), 0) / 3600000000.0 as decimal(18, 9))
        as age_h
from doubts
