-- The tax on an amount at a percentage, exactly.
create or replace macro vat_unrounded(amount, rate) as
cast(
    cast(amount as decimal(24, 6)) * cast(rate as decimal(9, 6)) * 0.01 as decimal(38, 14)
)
