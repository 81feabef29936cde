-- The tax on an amount at a percentage, rounded half up to the currency's minor unit. Each case
-- is cast by itself: the engine would otherwise round all of them to the fewest places.
create or replace macro vat_of(amount, rate, decimals) as
    case decimals
        when 0 then cast(round(vat_unrounded(amount, rate), 0) as decimal(18, 6))
        when 3 then cast(round(vat_unrounded(amount, rate), 3) as decimal(18, 6))
        else cast(round(vat_unrounded(amount, rate), 2) as decimal(18, 6))
    end
