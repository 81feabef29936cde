-- The CDRs to price: those without prices from these very inputs, numbered in order.
create or replace temp table pending_cdrs as
with known as (
  select
    r.partner,
    r.country_code,
    r.party_id,
    r.cdr_id,
    max(r.input_hash) filter (where r.source = 'embedded') as embedded_hash,
    max(r.input_hash) filter (where r.source = 'published') as published_hash
  from rating.cdrs as r
  group by r.partner, r.country_code, r.party_id, r.cdr_id
)
select
  row_number() over (order by c.cdr_number) - 1 as pending_number,
  c.cdr_number,
  c.partner,
  c.country_code,
  c.party_id,
  c.id,
  c.start_at,
  c.end_at,
  c.currency,
  c.period_count,
  c.credit,
  c.home_charging_compensation,
  c.zone,
  c.zone_assumed,
  k.cdr_id is not null as is_known,
  i.embedded_hash,
  i.published_hash
from rating_cdrs as c
join rating_inputs as i on i.cdr_number = c.cdr_number
left join known as k
  on k.partner = c.partner
  and k.country_code = c.country_code
  and k.party_id = c.party_id
  and k.cdr_id = c.id
where k.embedded_hash is distinct from i.embedded_hash
  or k.published_hash is distinct from i.published_hash
order by pending_number
