-- What customers pay against what roaming costs, month by month. Charges without a retail price are
-- counted, and neither their cost nor their price is in the margin.
select
    group_name as month,
    is_over(cast(group_name || '-01' as date), 'month') as is_whole,
    currency, charge_count, retail_excl_vat, cost_excl_vat, margin_excl_vat,
    margin_share, unpriced_count
from retail_margins($places, $currency, $retail, 'month', null)
order by month desc
