-- For each CDR and source the hash of everything its price is made from. Which published tariffs
-- there are is told by a sum that does not depend on their order.
create or replace temp table rating_inputs as
with published as (
  select p.cdr_number, bit_xor(md5_number_lower(concat(p.tariff_id, '|', p.content_hash))) as tariffs
  from published_tariffs as p
  group by p.cdr_number
),
common as (
  select
    c.cdr_number,
    concat_ws('|', c.content_hash, c.zone, c.zone_assumed, t.fingerprint, $engine) as inputs,
    array_to_string(c.tariff_hashes, ',') as embedded,
    coalesce(p.tariffs::varchar, '') as published
  from rating_cdrs as c
  left join published as p on p.cdr_number = c.cdr_number
  left join contract_terms as t on t.partner = c.partner
)
select
  m.cdr_number,
  md5(concat_ws('|', m.inputs, 'embedded', m.embedded)) as embedded_hash,
  md5(concat_ws('|', m.inputs, 'published', m.published)) as published_hash
from common as m
