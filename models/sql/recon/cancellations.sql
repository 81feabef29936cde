-- recon_cancellations: each original that a credit cancels.
create temp table recon_cancellations as
select distinct k.original_n as n, k.cancelled_by_id
from recon_credits as k
where k.cancelled_by_n is not null
