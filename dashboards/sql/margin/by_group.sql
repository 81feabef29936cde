-- The margin of one month by partner, contract, operator or place, the thinnest first.
select
    case $by
        when 'contract' then coalesce(contract_id, 'unknown')
        else charge_group(
                $by, partner, operator, country, region, city, power_class, location_name
            )
    end as group_name,
    $currency as currency,
    count(*) filter (where counts and not unpriced) as charge_count,
    sum(energy_kwh) filter (where counts and not unpriced) as energy_kwh,
    sum(retail_excl_vat) as retail_excl_vat,
    sum(cost_excl_vat) filter (where not unpriced) as cost_excl_vat,
    sum(retail_excl_vat) - sum(cost_excl_vat) filter (where not unpriced) as margin_excl_vat,
    (sum(retail_excl_vat) - sum(cost_excl_vat) filter (where not unpriced))
    / nullif(sum(retail_excl_vat), 0) as margin_share,
    count(*) filter (where unpriced) as unpriced_count
from retailed_charges($places, $currency, $retail)
where month = $month
group by group_name
order by margin_excl_vat nulls last, group_name
