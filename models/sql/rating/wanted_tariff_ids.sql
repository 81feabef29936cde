-- The ids under which each CDR's published tariffs are looked up, in order of preference of
-- where they are named: its periods, its embedded tariffs, its own connector, the connector
-- as published. Ids are compared without regard to case.
create or replace temp table wanted_tariff_ids as
with unnamed as (
  select c.*, c.rowid as cdr_number
  from core.cdrs as c
  where c.rowid not in (select p.cdr_number from period_tariff_ids as p)
),
named as (
  select u.cdr_number, 2 as preference, lower(e.id) as tariff_id
  from (select cdr_number, partner, unnest(tariff_hashes) as content_hash from unnamed) as u
  join core.embedded_tariffs as e on e.partner = u.partner and e.content_hash = u.content_hash
  union all
  select u.cdr_number, 3 as preference, lower(unnest(u.connector_tariff_ids)) as tariff_id
  from unnamed as u
  union all
  select u.cdr_number, 4 as preference, lower(unnest(k.tariff_ids)) as tariff_id
  from unnamed as u
  join core.connectors as k
    on k.partner = u.partner
    and k.country_code = u.country_code
    and k.party_id = u.party_id
    and k.location_id = u.location_id
    and k.evse_uid = u.evse_uid
    and k.id = u.connector_id
)
select p.cdr_number, p.tariff_id
from period_tariff_ids as p
union all
select distinct n.cdr_number, n.tariff_id
from (
  select *
  from named
  qualify preference = min(preference) over (partition by cdr_number)
) as n
