-- One period's charging by partner, operator or place, beside the period it is compared with: new
-- ones had no charge then, lost ones have none now that it is over.
with chosen as (
    select
        charge_group(
            $by, partner, operator, country, region, city, power_class, location_name
        ) as group_name,
        begins_on = cast($begins_on as date) as is_now,
        counts, energy_kwh, cost_excl_vat
    from matching_charges($places, $grain, $currency)
    where begins_on in (
            cast($begins_on as date), period_before(cast($begins_on as date), $grain, $against)
        )
),

summed as (
    select
        group_name,
        count(*) filter (where counts and is_now) as charge_count,
        count(*) filter (where counts and not is_now) as before_charge_count,
        coalesce(sum(energy_kwh) filter (where is_now), 0) as energy_kwh,
        coalesce(sum(cost_excl_vat) filter (where is_now), 0) as cost_excl_vat,
        sum(energy_kwh) filter (where is_now and cost_excl_vat is not null) as priced_kwh,
        coalesce(sum(energy_kwh) filter (where not is_now), 0) as before_energy_kwh,
        coalesce(sum(cost_excl_vat) filter (where not is_now), 0) as before_cost_excl_vat
    from chosen
    group by group_name
)

select
    group_name, $currency as currency, charge_count, energy_kwh, cost_excl_vat,
    cast(cost_excl_vat / nullif(priced_kwh, 0) as decimal(18, 6)) as cost_per_kwh_excl_vat,
    cost_excl_vat / nullif(sum(cost_excl_vat) over (), 0) as cost_share,
    cost_excl_vat - before_cost_excl_vat as difference_excl_vat,
    case
        when before_charge_count = 0 then 'new'
        when charge_count = 0 then if(is_over(cast($begins_on as date), $grain), 'lost', 'not_yet')
        else 'kept'
    end as standing,
    before_charge_count, before_energy_kwh, before_cost_excl_vat
from summed
where charge_count > 0 or before_charge_count > 0 or cost_excl_vat <> 0
order by cost_excl_vat desc, before_cost_excl_vat desc, group_name
