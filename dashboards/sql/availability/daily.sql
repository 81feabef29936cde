-- Strict uptime and coverage day by day, of the EVSEs there were in each group.
with chosen as (
    select count(*) as evse_count
    from matching_evses($places)
)

select
    d.day_on,
    sum(d.working_s) / nullif(sum(d.covered_s) - sum(d.left_out_s), 0) as strict_share,
    sum(d.covered_s) / nullif(86400.0 * any_value(c.evse_count), 0) as coverage_share
from mart.availability_daily as d
cross join chosen as c
where d.basis = $basis
    and matches_place(
        d.partner, d.country_code, d.party_id, d.country, d.region, d.city, d.operator,
        d.power_class, $places
    )
group by d.day_on
order by d.day_on
