-- The class of a connector, which decides its basket.
create or replace macro power_class(power_type, power_kw) as
case
    when power_type = 'DC' and power_kw >= 150 then 'hpc'
    when power_type = 'DC' and power_kw is not null then 'dc'
    when power_type like 'AC%' then 'ac'
    else 'unknown'
end
