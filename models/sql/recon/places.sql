-- recon_places: whether the location and the EVSE of each place that CDRs name are known, and what
-- the connector can deliver. Ids are compared without regard to case; the very spelling comes first,
-- since in OCPI 2.1.1 two places may differ in nothing else.
create temp table recon_places as
with named as (
    select distinct
        c.partner, c.country_code, c.party_id, c.location_id, c.evse_uid, c.evse_id, c.connector_id
    from core.cdrs as c
    join recon_focus as f on f.n = c.rowid
),
numbered as (
    select row_number() over () as place, n.* from named as n
),
locations as (
    select distinct p.place
    from numbered as p
    join core.locations as l
        on l.partner = p.partner and l.country_code = p.country_code
            and l.party_id = p.party_id and lower(l.id) = lower(p.location_id)
),
evses as (
    select p.place, p.connector_id, e.partner, e.country_code, e.party_id, e.location_id, e.uid
    from numbered as p
    join core.evses as e
        on e.partner = p.partner and e.country_code = p.country_code
            and e.party_id = p.party_id and lower(e.location_id) = lower(p.location_id)
            and (lower(e.uid) = lower(p.evse_uid) or lower(e.evse_id) = lower(p.evse_id))
    qualify row_number() over (
            partition by p.place
            order by
                coalesce(lower(e.uid) = lower(p.evse_uid), false) desc, e.location_id = p.location_id desc,
                coalesce(e.uid = p.evse_uid, false) desc, e.uid, e.location_id
        ) = 1
),
connectors as (
    select e.place, k.power_kw, k.power_type
    from evses as e
    join core.connectors as k
        on k.partner = e.partner and k.country_code = e.country_code
            and k.party_id = e.party_id and k.location_id = e.location_id
            and k.evse_uid = e.uid and lower(k.id) = lower(e.connector_id)
    qualify row_number() over (partition by e.place order by k.id = e.connector_id desc, k.id) = 1
)
select
    p.partner, p.country_code, p.party_id, p.location_id, p.evse_uid, p.evse_id, p.connector_id,
    l.place is not null as location_known,
    e.place is not null as evse_known,
    k.power_kw,
    k.power_type
from numbered as p
left join locations as l on l.place = p.place
left join evses as e on e.place = p.place
left join connectors as k on k.place = p.place
