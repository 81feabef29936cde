-- A digest of all prices that does not depend on their order, and can be taken apart again.
select
    cast(count(*) as bigint) as prices,
    coalesce(bit_xor(hash(concat_ws('|', r.partner, r.cdr_id, r.source, r.input_hash))), 0) as digest
from rating.cdrs as r
