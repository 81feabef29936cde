-- How each partner fared on its last visit, and since when it has not fared well.
-- A visit is the pulls of one run; the pulls are what the landing knows, so this needs no memory.
-- Visits are in the order of their pulls' ids, which a clock that was set back does not disturb.
with visits as (
    select
        partner,
        run_id,
        min(started_at) as checked_at,
        max(split_part(pull_id, '.', 3)) as stamp,
        max(ocpi_version) as ocpi_version,
        bool_and(status = 'complete') as well,
        bool_or(status = 'complete') as something,
        arg_min(error, started_at) filter (error is not null) as message
    from ops.pulls
    where mode not in ('push', 'send')
    group by partner, run_id
),
kept as (
    select
        partner,
        count(*) as objects,
        string_agg(distinct module, ', ' order by module) as modules,
        string_agg(
            distinct country_code || '/' || party_id, ', ' order by country_code || '/' || party_id
        ) as parties
    from ops.removals_skipped
    group by partner
),
placed as (
    select
        *,
        row_number() over (partition by partner order by stamp, checked_at, run_id) as place
    from visits
),
summed as (
    select
        partner,
        max(place) as place,
        coalesce(max(place) filter (well), 0) as success_place,
        arg_max(checked_at, place) filter (well) as last_success_at,
        arg_max(ocpi_version, place) filter (ocpi_version is not null) as ocpi_version
    from placed
    group by partner
)
select
    last.partner,
    case
        when last.well and kept.objects is null then 'ok'
        when last.something then 'degraded'
        else 'failed'
    end as state,
    summed.ocpi_version,
    last.checked_at,
    summed.last_success_at,
    summed.place - summed.success_place as consecutive_failures,
    coalesce(
        last.message,
        'kept though ' || kept.modules || ' no longer lists them: ' || kept.objects
        || ' objects of ' || kept.parties || '; see `roamhouse accept-removals`'
    ) as message
from placed as last
join summed using (partner, place)
left join kept using (partner)
