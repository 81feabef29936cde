-- The EVSEs that a charge may name, whatever the case of its letters; a live one before one that went.
create or replace temp table evse_keys as
select
    partner, country_code, party_id, lower(location_id) as location_key, lower(uid) as uid_key,
    any_value(canonical_evse order by removed_at desc nulls first, uid) as canonical_evse
from core.evses
group by all
