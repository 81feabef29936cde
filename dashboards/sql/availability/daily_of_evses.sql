-- Strict uptime and coverage day by day as in `daily`, where EVSEs are chosen one by one: by area,
-- connector or power in kW.
with chosen as (
    select evse_number
    from matching_evses($places)
)

select
    d.day_on,
    sum(d.working_s) / nullif(sum(d.covered_s) - sum(d.left_out_s), 0) as strict_share,
    sum(d.covered_s) / (86400.0 * (select count(*) from chosen)) as coverage_share
from mart.availability_days as d
where (d.observed or $basis = 'stated')
    and d.evse_number in (select c.evse_number from chosen as c)
group by d.day_on
order by d.day_on
