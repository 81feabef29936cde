-- For each CDR and source the hash of everything its price is made from.
create or replace temp table rating_inputs as
with offers as (
  select k.source, k.cdr_number, string_agg(k.content_hash, ',' order by k.place) as tariffs
  from candidate_tariffs as k
  group by k.source, k.cdr_number
)
select
  c.cdr_number,
  s.source,
  md5(concat_ws('|', c.content_hash, c.zone, c.zone_assumed, o.tariffs, t.fingerprint, $engine))
    as input_hash
from rating_cdrs as c
cross join (values ('embedded'), ('published')) as s (source)
left join offers as o on o.cdr_number = c.cdr_number and o.source = s.source
left join contract_terms as t on t.partner = c.partner
