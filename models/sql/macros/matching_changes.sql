-- Versions of tariffs that changed one basket's price, as a filter asks for them; null asks for all.
create or replace macro matching_changes(in_partner, of_power, at_moment, idle, unused) as table
    select
        c.*,
        case
            when c.delta_per_kwh_excl_vat > 0 then 'dearer'
            when c.delta_per_kwh_excl_vat < 0 then 'cheaper'
            else 'unknown'
        end as direction
    from mart.price_changes as c
    where c.moment = at_moment and c.idle_min = idle
        and (in_partner is null or c.partner = in_partner)
        and (of_power is null or c.power_class = of_power)
        and (unused or c.connector_count > 0)
        and (c.delta_per_kwh_excl_vat is null or c.delta_per_kwh_excl_vat <> 0)
