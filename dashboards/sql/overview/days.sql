-- Day by day, of the last 31: charges and energy of our drivers, how much of the observed time EVSEs
-- worked, and how much of the day was observed.
with newest as (
    select cast(newest_page_at(null) as date) as last_on
),

days as (
    select cast(unnest(generate_series(last_on - 30, last_on, interval 1 day)) as date) as day_on
    from newest
),

charged as (
    select day_on, sum(cdr_count) as cdr_count, sum(energy_kwh) as energy_kwh
    from mart.volume_daily
    group by day_on
),

worked as (
    select
        day_on,
        sum(working_s) / nullif(sum(covered_s) - sum(left_out_s), 0) as strict_share,
        sum(covered_s) / nullif(86400.0 * any_value(e.evse_count), 0) as coverage_share
    from mart.availability_daily
    cross join (
        select count(*) as evse_count from mart.evses where removed_at is null
    ) as e
    where basis = 'observed'
    group by day_on
)

select
    d.day_on,
    coalesce(c.cdr_count, 0) as cdr_count,
    coalesce(c.energy_kwh, 0) as energy_kwh,
    w.strict_share,
    w.coverage_share
from days as d
left join charged as c on d.day_on = c.day_on
left join worked as w on d.day_on = w.day_on
order by d.day_on
