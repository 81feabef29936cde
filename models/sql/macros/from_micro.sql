-- Whole millionths as an amount.
create or replace macro from_micro(millionths) as
cast(cast(millionths as decimal(30, 0)) * 0.000001 as decimal(18, 6))
