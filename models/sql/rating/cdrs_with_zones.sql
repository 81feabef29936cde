-- Every CDR with the zone it stands in: its own, its location's, else its country's only one.
create or replace temp table rating_cdrs as
select
  c.partner,
  c.country_code,
  c.party_id,
  c.id,
  c.content_hash,
  c.start_at,
  c.end_at,
  c.currency,
  c.period_count,
  c.credit,
  coalesce(c.home_charging_compensation, false) as home_charging_compensation,
  c.tariff_hashes,
  c.connector_tariff_ids,
  c.location_id,
  c.evse_uid,
  c.connector_id,
  coalesce(c.time_zone, l.time_zone, z.zone) as zone,
  coalesce(c.time_zone, l.time_zone) is null and z.zone is not null as zone_assumed,
  c.rowid as cdr_number
from core.cdrs as c
left join core.locations as l
  on l.partner = c.partner
  and l.country_code = c.country_code
  and l.party_id = c.party_id
  and l.id = c.location_id
left join country_zones as z on z.country = c.country
