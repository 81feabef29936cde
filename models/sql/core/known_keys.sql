-- The key of every object that can be pushed, or a part of which can.
select
    c.partner, 'locations' as module, c.country_code, c.party_id, c.id, null as second_id,
    null as third_id
from core.locations as c
union all
select
    c.partner, 'locations' as module, c.country_code, c.party_id, c.location_id, c.uid,
    null as third_id
from core.evses as c
union all
select
    c.partner, 'locations' as module, c.country_code, c.party_id, c.location_id, c.evse_uid, c.id
from core.connectors as c
union all
select
    c.partner, 'sessions' as module, c.country_code, c.party_id, c.id, null as second_id,
    null as third_id
from core.sessions as c
union all
select
    c.partner, 'cdrs' as module, c.country_code, c.party_id, c.id, null as second_id,
    null as third_id
from core.cdrs as c
union all
select
    c.partner, 'tokens' as module, c.country_code, c.party_id, c.uid, c.type, null as third_id
from core.tokens as c
union all
select
    c.partner, 'tariffs' as module, c.country_code, c.party_id, c.id, null as second_id,
    null as third_id
from core.tariffs as c
where c.valid_to_at is null
union all
select
    c.partner, 'hubclientinfo' as module, c.country_code, c.party_id, null as first_id,
    null as second_id, null as third_id
from core.hub_clients as c
union all
select
    c.partner, 'invoicereconciliation' as module, c.country_code, c.party_id, c.id,
    null as second_id, null as third_id
from core.invoices as c
where c.valid_to_at is null
