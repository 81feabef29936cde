-- The open versions of what a partner deleted, where they end.
insert into live_objects by name
select
    $table_name as table_name, c.known_row, c.country_code, c.party_id, c.id as object_id,
    null as since_at, 0 as lists, false as is_kept, true as is_missing
from known_versions as c
inner join deleted_objects as d
    on d.country_code = lower(c.country_code)
        and d.party_id = lower(c.party_id)
        and d.object_id = lower(c.id)
where c.partner = $partner and c.valid_to_at is null
