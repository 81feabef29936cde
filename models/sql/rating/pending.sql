-- The CDRs to price: those without a price from these very inputs, numbered in order.
create or replace temp table pending_cdrs as
with changed as (
  select
    i.cdr_number,
    bool_or(r.cdr_id is not null) as is_known
  from rating_inputs as i
  join rating_cdrs as c on c.cdr_number = i.cdr_number
  left join rating.cdrs as r
    on r.partner = c.partner
    and r.country_code = c.country_code
    and r.party_id = c.party_id
    and r.cdr_id = c.id
    and r.source = i.source
  group by i.cdr_number
  having bool_or(r.input_hash is distinct from i.input_hash)
)
select
  row_number() over (order by c.cdr_number) - 1 as pending_number,
  c.* exclude (content_hash, tariff_hashes, connector_tariff_ids, location_id, evse_uid, connector_id),
  h.is_known,
  e.input_hash as embedded_hash,
  p.input_hash as published_hash
from changed as h
join rating_cdrs as c on c.cdr_number = h.cdr_number
join rating_inputs as e on e.cdr_number = h.cdr_number and e.source = 'embedded'
join rating_inputs as p on p.cdr_number = h.cdr_number and p.source = 'published'
order by pending_number
