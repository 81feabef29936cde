-- The groups of copies that a pull may have changed: of EVSEs that changed, came back, went away,
-- or belonged to another group before.
create or replace temp table touched_copies as
select i.canonical_evse
from incoming_evses as i
where i.merge_action in ('inserted', 'updated', 'bumped') or i.known_removed_at is not null
union
select e.canonical_evse
from core.evses as e
where e.rowid in (select i.known_row from incoming_evses as i where i.merge_action = 'updated')
union
select e.canonical_evse
from core.evses as e
where e.rowid in (
        select o.known_row from live_objects as o where o.table_name = 'core.evses' and o.is_missing
    )
