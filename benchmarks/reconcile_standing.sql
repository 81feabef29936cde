-- Places, tokens and tariffs that the charges name.
insert into core.locations by name
select partner, 'NL' as country_code, 'VOL' as party_id, 'L' || i as id, 'h' as content_hash, timestamptz '2026-08-01' as fetched_at, 'p0' as page_id from range(6000 // 4) as r(i), (values ('voltix'), ('gridlink')) as w(partner);

insert into core.evses by name
select partner, 'NL' as country_code, 'VOL' as party_id, 'L' || i // 4 as location_id, 'E' || i as uid,
  'NL*VOL*E' || i as evse_id, 'AVAILABLE' as status, 'h' as content_hash, timestamptz '2026-08-01' as fetched_at, 'p0' as page_id from range(6000) as r(i), (values ('voltix'), ('gridlink')) as w(partner);

insert into core.connectors by name
select partner, 'NL' as country_code, 'VOL' as party_id, 'L' || i // 4 as location_id, 'E' || i as evse_uid,
  '1' as id, 'DC' as power_type, 150 as power_kw, 'h' as content_hash, timestamptz '2026-08-01' as fetched_at, 'p0' as page_id from range(6000) as r(i), (values ('voltix'), ('gridlink')) as w(partner);

insert into core.tokens by name
select partner, 'NL' as country_code, 'VOL' as party_id, 'T' || i as uid, 'RFID' as type, true as valid, 'h' as content_hash, timestamptz '2026-08-01' as fetched_at, 'p0' as page_id
from range(40000) as r(i), (values ('voltix')) as w(partner);

insert into core.tariffs by name
select partner, 'NL' as country_code, 'VOL' as party_id, 'T1' as id, timestamptz '2026-08-01 00:00:00+00' - interval 1 day as valid_from_at,
  'EUR' as currency, $tariff as tariff, 'h' as content_hash, timestamptz '2026-08-01' as fetched_at, 'p0' as page_id from (values ('voltix'), ('gridlink')) as w(partner);

insert into core.embedded_tariffs by name
select partner, 'NL' as country_code, 'VOL' as party_id, 'T1' as id, 't1' as content_hash, 'EUR' as currency,
  $tariff as tariff, timestamptz '2026-08-01' as fetched_at, 'p0' as page_id from (values ('voltix'), ('gridlink')) as w(partner);
