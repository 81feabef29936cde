-- The tax on an amount at a percentage, rounded half up to the currency's minor unit.
create or replace macro vat_of(amount, rate, decimals) as
round_to_minor_unit(vat_unrounded(amount, rate), decimals)
