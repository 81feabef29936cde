-- One standard basket at the connectors that a filter asks for; null asks for all.
create or replace macro matching_baskets(
    in_partner, in_country, by_operator, of_power, at_moment, idle
) as table
    select b.*
    from mart.price_baskets as b
    where b.power_class = of_power and b.moment = at_moment and b.idle_min = idle
        and (in_partner is null or b.partner = in_partner)
        and (in_country is null or b.country = in_country)
        and (by_operator is null or b.operator = by_operator)
