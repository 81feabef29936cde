-- Charges by the day they ended, against the median of the same weekday of four weeks before.
insert into mart.volume_daily by name
-- Energy is what reconciliation counts: Wh are kWh, and a credit takes its own back.
with judged as (
    select
        c.partner, c.end_at, c.credit,
        -- A credit that is rejected takes nothing back.
        case
            when not (c.credit and r.verdict = 'rejected') then coalesce(r.energy_kwh, c.total_energy_kwh)
        end as energy_kwh
    from core.cdrs as c
    left join recon.cdrs as r using (partner, country_code, party_id, id)
    where c.end_at < $as_of and c.end_at >= $as_of - interval 400 days
),

counted as (
    select
        partner,
        cast(end_at as date) as day_on,
        count(*) filter (not credit) as cdr_count,
        sum(energy_kwh) as energy_kwh
    from judged
    group by partner, cast(end_at as date)
),

days as (
    select
        f.partner,
        cast(
            unnest(generate_series(f.first_on, cast($as_of as date), interval 1 day)) as date
        ) as day_on
    from (select partner, min(day_on) as first_on from counted group by partner) as f
),

filled as (
    select
        d.partner,
        d.day_on,
        coalesce(c.cdr_count, 0) as cdr_count,
        coalesce(c.energy_kwh, 0) as energy_kwh
    from days as d
    left join counted as c on d.partner = c.partner and d.day_on = c.day_on
),

compared as (
    select
        *,
        count(*) over weeks_before as weeks,
        median(cdr_count) over weeks_before as usual
    from filled
    window weeks_before as (
        partition by partner, dayofweek(day_on) order by day_on
        rows between 4 preceding and 1 preceding
    )
)

select
    partner,
    day_on,
    cdr_count,
    energy_kwh,
    case when weeks = 4 then usual end as usual_count
from compared
order by partner, day_on
