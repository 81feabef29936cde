-- The margin of one month by partner, contract, operator or place, the smallest first.
select
    group_name, currency, charge_count, energy_kwh, retail_excl_vat, cost_excl_vat, margin_excl_vat,
    margin_share, unpriced_count
from retail_margins($places, $currency, $retail, $by, $month)
order by margin_excl_vat nulls last, group_name
