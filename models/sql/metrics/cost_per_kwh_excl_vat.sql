-- Cost for each kWh, of CDRs that state a total.
select
    month, partner, currency,
    cast(
        sum(cost_excl_vat) / nullif(sum(energy_kwh) filter (where cost_excl_vat is not null), 0)
        as decimal(18, 6)
    ) as "value"
from mart.charges
where kind = 'cdr'
group by month, partner, currency
order by month, partner, currency
