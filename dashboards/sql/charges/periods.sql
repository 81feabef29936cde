-- What our drivers charged, month by month or week by week, each beside the period it is compared
-- with. The newest period is not over yet: `is_whole` says so, and its sums are held against none.
with periods as (
    select
        begins_on,
        is_over(begins_on, $grain) as is_whole,
        count(*) filter (where counts) as charge_count,
        sum(energy_kwh) as energy_kwh,
        sum(cost_excl_vat) as cost_excl_vat,
        sum(payable_excl_vat) as payable_excl_vat,
        cast(
            sum(cost_excl_vat)
            / nullif(sum(energy_kwh) filter (where cost_excl_vat is not null), 0)
            as decimal(18, 6)
        ) as cost_per_kwh_excl_vat
    from matching_charges($places, $grain, $currency)
    group by begins_on
)

select
    p.begins_on,
    case when $grain = 'week' then strftime(p.begins_on, '%G-W%V')
        else strftime(p.begins_on, '%Y-%m')
    end as period,
    p.is_whole,
    $currency as currency,
    p.charge_count, p.energy_kwh, p.cost_excl_vat, p.cost_per_kwh_excl_vat,
    case when p.is_whole then p.cost_excl_vat / nullif(b.cost_excl_vat, 0) - 1 end as cost_change_share,
    p.cost_per_kwh_excl_vat / nullif(b.cost_per_kwh_excl_vat, 0) - 1 as per_kwh_change_share,
    case when p.is_whole then p.charge_count / nullif(b.charge_count, 0) - 1 end as charge_change_share,
    case when p.is_whole then p.energy_kwh / nullif(b.energy_kwh, 0) - 1 end as energy_change_share,
    p.payable_excl_vat,
    b.charge_count as before_charge_count,
    b.energy_kwh as before_energy_kwh,
    b.cost_excl_vat as before_cost_excl_vat,
    b.cost_per_kwh_excl_vat as before_cost_per_kwh_excl_vat
from periods as p
left join periods as b on period_before(p.begins_on, $grain, $against) = b.begins_on
order by p.begins_on desc
