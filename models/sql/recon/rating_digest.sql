-- A digest of all prices that does not depend on their order, and can be taken apart again. What the
-- prices of a CDR share comes first: the engine's hash of several values mixes all but the last.
select
    cast(count(*) as bigint) as prices,
    coalesce(sum(hash(r.input_hash, r.source, r.cdr_id, r.partner)), 0) as digest
from rating.cdrs as r
