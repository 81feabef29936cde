-- How each partner fared on its last visit, and since when it has not fared well.
-- A visit is the pulls of one run; the pulls are what the landing knows, so this needs no memory.
with visits as (
  select
    partner,
    run_id,
    min(started_at) as checked_at,
    max(ocpi_version) as ocpi_version,
    bool_and(status = 'complete') as well,
    bool_or(status = 'complete') as something,
    arg_min(error, started_at) filter (error is not null) as message
  from ops.pulls
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
ranked as (
  select
    *,
    row_number() over (partition by partner order by checked_at desc, run_id desc) as age,
    max(checked_at) filter (well) over (partition by partner) as last_success_at,
    last_value(ocpi_version ignore nulls) over (
      partition by partner order by checked_at, run_id
      rows between unbounded preceding and unbounded following
    ) as last_version
  from visits
)
select
  partner,
  case
    when well and kept.objects is null then 'ok'
    when something then 'degraded'
    else 'failed'
  end as state,
  last_version as ocpi_version,
  checked_at,
  last_success_at,
  (
    select count(*)
    from visits as other
    where other.partner = ranked.partner
      and (ranked.last_success_at is null or other.checked_at > ranked.last_success_at)
  ) as consecutive_failures,
  coalesce(
    message,
    'kept though ' || kept.modules || ' no longer lists them: ' || kept.objects
      || ' objects of ' || kept.parties || '; see `roamhouse accept-removals`'
  ) as message
from ranked
left join kept using (partner)
where age = 1
