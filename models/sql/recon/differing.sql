-- recon_differing: the CDRs of the chunk whose price differs, with what rating needs of them.
create or replace temp table recon_differing as
select
  d.n as cdr_row, d.tariff_source, d.tariff_ids,
  c.partner, c.country_code, c.party_id, c.id, c.start_at, c.end_at, c.currency, c.credit,
  c.home_charging_compensation, c.tariff_hashes, c.country,
  c.location_id, c.evse_uid, c.connector_id,
  coalesce(c.time_zone, l.time_zone) as stated_zone
from recon_differing_rows as d
join core.cdrs as c on c.rowid = d.n
left join core.locations as l
  on l.partner = c.partner and l.country_code = c.country_code
  and l.party_id = c.party_id and l.id = c.location_id
