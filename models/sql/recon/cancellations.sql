-- recon_cancellations: each original that credits take something off: which one does first, whether
-- it cancels the original, and how much of the claim they take off together.
create temp table recon_cancellations as
select
    k.original_n as n,
    any_value(k.first_id) as credited_by_id,
    bool_or(k.is_exact) as is_whole,
    sum(k.credited_excl_vat) as credited_excl_vat
from recon_credits as k
where k.is_honoured
group by k.original_n
