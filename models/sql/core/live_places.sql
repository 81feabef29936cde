-- The places that a pull should bring, and which of them it lacks; none, unless it is a complete list
-- of everything. An object that came but was refused (`core.quarantine`, which names it `LOC`,
-- `LOC/EVSE` or `LOC/EVSE/CONNECTOR`) is not missing, nor is anything that belongs to it.
create or replace temp table live_objects as
with
live as (
    select
        'core.locations' as table_name, c.rowid as known_row, c.partner, c.country_code, c.party_id,
        c.id as location_id, null as evse_uid, c.id as object_id
    from core.locations as c
    where c.removed_at is null
    union all
    select
        'core.evses' as table_name, c.rowid as known_row, c.partner, c.country_code, c.party_id,
        c.location_id, c.uid as evse_uid, c.location_id || '/' || c.uid as object_id
    from core.evses as c
    where c.removed_at is null
    union all
    select
        'core.connectors' as table_name, c.rowid as known_row, c.partner, c.country_code, c.party_id,
        c.location_id, c.evse_uid, c.location_id || '/' || c.evse_uid || '/' || c.id as object_id
    from core.connectors as c
    where c.removed_at is null
),
brought as (
    select 'core.locations' as table_name, i.known_row from incoming_locations as i
    union all
    select 'core.evses' as table_name, i.known_row from incoming_evses as i
    union all
    select 'core.connectors' as table_name, i.known_row from incoming_connectors as i
)
select
    l.table_name, l.known_row, l.country_code, l.party_id, l.location_id, l.evse_uid, l.object_id,
    k.since_at, coalesce(k.lists, 0) as lists, false as is_kept,
    b.known_row is null
    and not exists (
        select 1 from staged_quarantine as q where lower(q.object_id) = lower(l.location_id)
    )
    and not exists (
        select 1
        from staged_quarantine as q
        where lower(q.object_id) = lower(l.location_id || '/' || l.evse_uid)
    )
    and not exists (
        select 1 from staged_quarantine as q where lower(q.object_id) = lower(l.object_id)
    ) as is_missing
from live as l
left join brought as b on b.table_name = l.table_name and b.known_row = l.known_row
left join ops.removals_skipped as k
    on k.partner = l.partner
        and k.table_name = l.table_name
        and k.country_code = l.country_code
        and k.party_id = l.party_id
        and lower(k.object_id) = lower(l.object_id)
where $is_complete_list
    and l.partner = $partner
    and ($party is null or l.country_code || '/' || l.party_id = $party)
