-- What customers pay against what roaming costs, month by month. Charges without a retail price are
-- counted, and neither their cost nor their price is in the margin.
select
    month, $currency as currency,
    count(*) filter (where counts and not unpriced) as charge_count,
    sum(retail_excl_vat) as retail_excl_vat,
    sum(cost_excl_vat) filter (where not unpriced) as cost_excl_vat,
    sum(retail_excl_vat) - sum(cost_excl_vat) filter (where not unpriced) as margin_excl_vat,
    (sum(retail_excl_vat) - sum(cost_excl_vat) filter (where not unpriced))
    / nullif(sum(retail_excl_vat), 0) as margin_share,
    count(*) filter (where unpriced) as unpriced_count
from retailed_charges($places, $currency, $retail)
group by month
order by month desc
