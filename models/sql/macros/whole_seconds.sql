-- Microseconds as whole seconds, none as 0; in 64 bits, as dividing 128 bits takes twice as long.
create or replace macro whole_seconds(length_us) as
coalesce(cast(length_us as bigint), 0) // 1000000
