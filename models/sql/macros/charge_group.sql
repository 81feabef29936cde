-- Whose a charge is, or where it took place, by what a reader sums charges up by.
create or replace macro charge_group(
    summed_by, partner, operator, country, region, city, power_class, location_name
) as
case summed_by
    when 'partner' then partner
    when 'operator' then operator
    when 'country' then country
    when 'region' then region
    when 'city' then city
    when 'power_class' then power_class
    else location_name || ', ' || city
end
