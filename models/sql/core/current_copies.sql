-- Of all copies of one EVSE that are still there, the one with the newest `last_updated` counts;
-- a tie goes to the first key, so that the choice does not depend on the order of loading.
-- Only the groups that the pull touched are judged again.
update core.evses as e
set is_current_copy = j.is_current_copy
from (
    with ranked as (
        select
            c.rowid as known_row,
            c.is_current_copy as was_current_copy,
            c.removed_at is null and row_number() over (
                partition by c.canonical_evse
                order by
                    c.removed_at is not null,
                    c.last_updated_at desc nulls last,
                    c.partner, c.country_code, c.party_id, c.location_id, c.uid
            ) = 1 as is_current_copy
        from core.evses as c
        where c.canonical_evse in (select t.canonical_evse from touched_copies as t)
    )
    select r.known_row, r.is_current_copy
    from ranked as r
    where r.is_current_copy is distinct from r.was_current_copy
) as j
where e.rowid = j.known_row
