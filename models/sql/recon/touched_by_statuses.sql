-- Adds the CDRs that were not over when an EVSE's status changed.
insert into recon_touched
with fresh as (
    select e.partner, e.country_code, e.party_id, e.location_id, e.evse_uid, min(e.from_at) as from_at
    from core.evse_status as e
    where e.page_id in (select x.value from recon_inputs_new as x where x.source = 'core.evse_status')
    group by e.partner, e.country_code, e.party_id, e.location_id, e.evse_uid
)
select a.rowid as n
from core.cdrs as a
join fresh as e
    on e.partner = a.partner and e.country_code = a.country_code and e.party_id = a.party_id
        and lower(e.location_id) = lower(a.location_id) and lower(e.evse_uid) = lower(a.evse_uid)
        and a.end_at > e.from_at
