-- Strict uptime and coverage day by day as in `daily`, where EVSEs are chosen one by one: by area,
-- connector or power in kW. No mart keeps their days, so these are cut from their statuses.
with as_of as (
    select max(fetched_at) as as_of_at from ops.pages
),

chosen as (
    select partner, country_code, party_id, location_id, uid
    from matching_evses($places)
),

days as (
    select
        unnest(
            generate_series(date_trunc('day', as_of_at) - interval 30 days, as_of_at, interval 1 day)
        ) as day_at
    from as_of
),

spans as (
    select s.status, s.from_at, s.until_at
    from status_spans((select as_of_at from as_of)) as s
    join chosen as c
        on s.partner = c.partner and s.country_code = c.country_code
            and s.party_id = c.party_id and s.location_id = c.location_id and s.evse_uid = c.uid
    where s.observed or $basis = 'stated'
),

parts as (
    select
        cast(d.day_at as date) as day_on,
        s.status,
        (
            epoch_us(least(s.until_at, d.day_at + interval 1 day))
            - epoch_us(greatest(s.from_at, d.day_at))
        ) * 0.000001 as length_s
    from days as d
    join spans as s on s.from_at < d.day_at + interval 1 day and s.until_at > d.day_at
)

select
    day_on,
    coalesce(sum(length_s) filter (where status in ('AVAILABLE', 'CHARGING', 'RESERVED')), 0)
    / nullif(sum(length_s) filter (where status not in ('PLANNED', 'REMOVED')), 0) as strict_share,
    sum(length_s) / (86400.0 * (select count(*) from chosen)) as coverage_share
from parts
group by day_on
order by day_on
