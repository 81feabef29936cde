-- An amount rounded half up to a currency's minor unit of so many decimals (ISO 4217).
create or replace macro round_to_minor_unit(amount, decimals) as
    cast(case decimals
        when 0 then round(amount, 0)
        when 3 then round(amount, 3)
        when 4 then round(amount, 4)
        else round(amount, 2)
    end as decimal(18, 6))
