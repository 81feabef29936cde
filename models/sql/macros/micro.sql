-- An amount in whole millionths; the wider decimal keeps large ones from overflowing.
create or replace macro micro(amount) as
cast(cast(amount as decimal(28, 6)) * 1000000 as hugeint)
