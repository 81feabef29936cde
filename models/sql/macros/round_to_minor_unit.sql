-- An amount rounded half up to a currency's minor unit of so many decimals (ISO 4217). Each case is
-- cast by itself: the engine would otherwise round all of them to the fewest places.
create or replace macro round_to_minor_unit(amount, decimals) as
case decimals
    when 0 then cast(round(amount, 0) as decimal(18, 6))
    when 3 then cast(round(amount, 3) as decimal(18, 6))
    when 4 then cast(round(amount, 4) as decimal(18, 6))
    else cast(round(amount, 2) as decimal(18, 6))
end
