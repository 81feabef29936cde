-- Strict uptime and coverage day by day, of the EVSEs there were in each group.
with chosen as (
    select count(*) as evse_count
    from mart.evses
    where removed_at is null
    and ($partner is null or partner = $partner)
    and ($party is null or country_code || '/' || party_id = $party)
    and ($country is null or country = $country)
    and ($operator is null or operator = $operator)
    and ($power is null or power_class = $power)
)

select
    d.day_on,
    sum(d.working_s) / nullif(sum(d.covered_s) - sum(d.left_out_s), 0) as strict_share,
    sum(d.covered_s) / nullif(86400.0 * any_value(c.evse_count), 0) as coverage_share
from mart.availability_daily as d
cross join chosen as c
where d.basis = $basis
    and ($partner is null or d.partner = $partner)
    and ($party is null or d.country_code || '/' || d.party_id = $party)
    and ($country is null or d.country = $country)
    and ($operator is null or d.operator = $operator)
    and ($power is null or d.power_class = $power)
group by d.day_on
order by d.day_on
