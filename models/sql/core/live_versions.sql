-- The objects with an open version that a pull should bring, and which of them it lacks; none, unless
-- it is a complete list of everything. A module answers for the versions it brought itself, and an
-- object that came but was refused (`core.quarantine`) is not missing.
create or replace temp table live_objects as
select
    $table_name as table_name, c.known_row, c.country_code, c.party_id, c.id as object_id,
    k.since_at, coalesce(k.lists, 0) as lists, false as is_kept,
    not exists (
        select 1
        from staged_versions as s
        where s.country_code = c.country_code
            and s.party_id = c.party_id
            and lower(s.id) = lower(c.id)
    )
    and not exists (
        select 1 from staged_quarantine as q where lower(q.object_id) = lower(c.id)
    ) as is_missing
from known_versions as c
left join ops.removals_skipped as k
    on k.partner = c.partner
        and k.table_name = $table_name
        and k.country_code = c.country_code
        and k.party_id = c.party_id
        and lower(k.object_id) = lower(c.id)
where $is_complete_list
    and c.partner = $partner
    and ($party is null or c.country_code || '/' || c.party_id = $party)
    and c.valid_to_at is null
    and c.page_id in (
        select p.page_id from ops.pages as p where p.partner = $partner and p.module = $module
    )
