-- Notes what a complete list lacks and what is kept nevertheless, with how many lists agree by now.
insert into ops.removals_skipped by name
select
    $partner as partner, $module as module, o.table_name, o.country_code, o.party_id, o.object_id,
    coalesce(o.since_at, $started_at) as since_at, o.lists + 1 as lists, $pull_id as pull_id
from live_objects as o
where o.is_kept
