-- recon_places: whether the location and the EVSE of each place that CDRs name are known, and what
-- the connector can deliver.
create temp table recon_places as
with named as (
  select distinct
    c.partner, c.country_code, c.party_id, c.location_id, c.evse_uid, c.evse_id, c.connector_id
  from core.cdrs as c
  join recon_focus as f on f.n = c.rowid
),
evse as (
  select
    n.*,
    l.id is not null as location_known,
    coalesce(by_uid.uid, by_id.uid) as known_uid
  from named as n
  left join core.locations as l
    on l.partner = n.partner and l.country_code = n.country_code
    and l.party_id = n.party_id and l.id = n.location_id
  left join core.evses as by_uid
    on by_uid.partner = n.partner and by_uid.country_code = n.country_code
    and by_uid.party_id = n.party_id and by_uid.location_id = n.location_id
    and by_uid.uid = n.evse_uid
  left join (
    select e.partner, e.country_code, e.party_id, e.location_id, e.evse_id, min(e.uid) as uid
    from core.evses as e
    where e.evse_id is not null
    group by e.partner, e.country_code, e.party_id, e.location_id, e.evse_id
  ) as by_id
    on by_id.partner = n.partner and by_id.country_code = n.country_code
    and by_id.party_id = n.party_id and by_id.location_id = n.location_id
    and by_id.evse_id = n.evse_id
)
select
  e.partner, e.country_code, e.party_id, e.location_id, e.evse_uid, e.evse_id, e.connector_id,
  e.location_known,
  e.known_uid is not null as evse_known,
  k.power_kw,
  k.power_type
from evse as e
left join core.connectors as k
  on k.partner = e.partner and k.country_code = e.country_code
  and k.party_id = e.party_id and k.location_id = e.location_id
  and k.evse_uid = e.known_uid and k.id = e.connector_id
