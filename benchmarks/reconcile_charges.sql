-- Charges numbered from $first to before $last of $total, in core and rating. Each EVSE and each
-- token take turns, so that no two charges of one overlap. One in a hundred is overbilled by 1.00.
create or replace temp table made as
select
  i, if(i % 2 = 0, 'voltix', 'gridlink') as partner,
  i % 6000 as evse, i % 40000 as token,
  timestamptz '2026-08-01 00:00:00+00' + to_seconds(cast(i as double) / $total * 90 * 86400) as start_at,
  2700 + i % 900 as lasts_s,
  cast(10 + (i % 1000) / 100 as decimal(18, 9)) as kwh,
  cast('p' || lpad(cast(i // 1000 as varchar), 6, '0') as varchar) as page_id,
  hash(i) % 100 = 0 as is_odd
from range($first, $last) as r(i);

insert into core.cdrs by name
select 'L' || evse // 4 as location_id, 'E' || evse as evse_uid, 'NL*VOL*E' || evse as evse_id,
  '1' as connector_id, partner, 'NL' as country_code, 'VOL' as party_id, md5(cast(i as varchar)) as content_hash, timestamptz '2026-10-31 00:00:00+00' as fetched_at,
  page_id, start_at + to_seconds(lasts_s + 300) as last_updated_at, 'C' || i as id, 'S' || i as session_id, start_at,
  start_at + to_seconds(lasts_s) as end_at, 'T' || token as token_uid, 'RFID' as token_type,
  'NLD' as country, 52.0 as latitude, 5.0 as longitude, 'DC' as connector_power_type,
  'EUR' as currency, ['t1'] as tariff_hashes, 4 as period_count, kwh as total_energy_kwh,
  cast(lasts_s as decimal(18, 9)) / 3600 as total_time_h, 0 as total_parking_time_h,
  cast(round(kwh * 0.5, 2) as decimal(18, 6)) + if(is_odd, 1, 0) as total_cost_excl_vat, cast(round(cast(round(kwh * 0.5, 2) as decimal(18, 6)) * 1.21, 2) as decimal(18, 6)) + if(is_odd, 1.21, 0) as total_cost_incl_vat,
  cast(round(kwh * 0.5, 2) as decimal(18, 6)) + if(is_odd, 1, 0) as total_energy_cost_excl_vat, false as credit,
  false as home_charging_compensation, '2.2.1' as ocpi_version
from made;

insert into core.charging_periods by name
select partner, 'NL' as country_code, 'VOL' as party_id, 'C' || i as cdr_id, p as period_index,
  start_at + to_seconds(lasts_s // 4 * p) as start_at, kwh / 4 as energy_kwh, 'T1' as tariff_id,
  cast(if(p = 3, lasts_s - lasts_s // 4 * 3, lasts_s // 4) as decimal(18, 9)) / 3600 as time_h
from made, range(4) as q(p);

insert into core.sessions by name
select 'L' || evse // 4 as location_id, 'E' || evse as evse_uid, 'NL*VOL*E' || evse as evse_id,
  '1' as connector_id, partner, 'NL' as country_code, 'VOL' as party_id, md5(cast(i as varchar)) as content_hash, timestamptz '2026-10-31 00:00:00+00' as fetched_at,
  page_id, start_at + to_seconds(lasts_s + 300) as last_updated_at, 'S' || i as id, start_at, start_at + to_seconds(lasts_s) as end_at,
  kwh as energy_kwh, 'T' || token as token_uid, 'EUR' as currency,
  cast(round(kwh * 0.5, 2) as decimal(18, 6)) + if(is_odd, 1, 0) as total_cost_excl_vat, 'COMPLETED' as status
from made;

insert into rating.cdrs by name
select partner, 'NL' as country_code, 'VOL' as party_id, 'C' || i as cdr_id, source, 'priced' as state, 'EUR' as currency,
  cast(round(kwh * 0.5, 2) as decimal(18, 6)) as expected_excl_vat, cast(round(cast(round(kwh * 0.5, 2) as decimal(18, 6)) * 1.21, 2) as decimal(18, 6)) as expected_incl_vat, cast(round(kwh * 0.5, 2) as decimal(18, 6)) as energy_cost_excl_vat,
  0 as time_cost_excl_vat, 0 as parking_cost_excl_vat, 0 as fixed_cost_excl_vat,
  0 as reservation_cost_excl_vat, kwh as billed_energy_kwh, 0 as billed_time_h, ['T1'] as tariff_ids,
  [] as notes, md5(i || source) as input_hash,
  list_transform(range(4), lambda p: {'period_index': p, 'dimension': 0, 'part': 0, 'quantity': kwh / 4, 'unit_price': 0.5,
    'amount_excl_vat': cast(round(kwh * 0.5, 2) as decimal(18, 6)) / 4, 'vat_rate': 21, 'tariff': 0, 'element_index': 0}) as lines
from made, (values ('embedded'), ('published')) as s(source);
