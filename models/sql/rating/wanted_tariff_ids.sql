-- The ids under which each CDR's published tariffs are looked up, in order of preference of
-- where they are named: its periods, its embedded tariffs, its own connector, the connector
-- as published. Ids are compared without regard to case.
create or replace temp table wanted_tariff_ids as
with named as (
  select c.cdr_number, 1 as preference, lower(p.tariff_id) as tariff_id
  from rating_cdrs as c
  join core.charging_periods as p
    on p.partner = c.partner
    and p.country_code = c.country_code
    and p.party_id = c.party_id
    and p.cdr_id = c.id
  where p.tariff_id is not null
  union all
  select c.cdr_number, 2 as preference, lower(e.id) as tariff_id
  from (select cdr_number, partner, unnest(tariff_hashes) as content_hash from rating_cdrs) as c
  join core.embedded_tariffs as e on e.partner = c.partner and e.content_hash = c.content_hash
  union all
  select c.cdr_number, 3 as preference, lower(unnest(c.connector_tariff_ids)) as tariff_id
  from rating_cdrs as c
  union all
  select c.cdr_number, 4 as preference, lower(unnest(k.tariff_ids)) as tariff_id
  from rating_cdrs as c
  join core.connectors as k
    on k.partner = c.partner
    and k.country_code = c.country_code
    and k.party_id = c.party_id
    and k.location_id = c.location_id
    and k.evse_uid = c.evse_uid
    and k.id = c.connector_id
),
first_named as (
  select n.cdr_number, min(n.preference) as preference
  from named as n
  group by n.cdr_number
)
select distinct
  n.cdr_number,
  n.tariff_id,
  c.partner,
  c.country_code,
  c.party_id,
  c.start_at
from named as n
join first_named as f on f.cdr_number = n.cdr_number and f.preference = n.preference
join rating_cdrs as c on c.cdr_number = n.cdr_number
