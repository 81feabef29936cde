-- Compares what a pull listed with what was pushed before it. What changed before the first push of
-- the list proves nothing.
--   pulled_objects  the objects of the pull: owner, id in lower case, last_updated_at, fetched_at and
--                   whether their content is other than what we had
merge into ops.push_audit as k
using (
    with
    live as (
        select min(p.received_at) as live_from_at
        from ops.pushes as p
        where p.partner = $partner and p.module = $module and p.state = 'loaded'
    )
    select
        $partner as partner, $module as module, o.country_code, o.party_id, o.object_id,
        max(o.last_updated_at) as last_updated_at,
        min(o.fetched_at) as fetched_at,
        bool_or(o.is_other) as is_other,
        max(o.last_updated_at) > any_value(l.live_from_at) as is_expected
    from pulled_objects as o
    cross join live as l
    where l.live_from_at is not null
    group by o.country_code, o.party_id, o.object_id
) as n
    on k.partner = n.partner
        and k.module = n.module
        and k.country_code = n.country_code
        and k.party_id = n.party_id
        and k.object_id = n.object_id
when matched then
    update
        set
            pulled_at = least(k.pulled_at, n.fetched_at),
            pulled_last_updated_at = greatest(k.pulled_last_updated_at, n.last_updated_at),
            missed_at = case
                when k.missed_at is null
                    and n.is_expected
                    and (
                        k.pushed_last_updated_at is null
                        or n.last_updated_at > k.pushed_last_updated_at
                    )
                    then n.fetched_at
                else k.missed_at
            end,
            changed_at = case
                when n.is_other and n.last_updated_at = k.pushed_last_updated_at then n.fetched_at
                else k.changed_at
            end,
            unlisted_at = null
when not matched and n.is_expected then
    insert (
        partner, module, country_code, party_id, object_id, pulled_at, pulled_last_updated_at,
        missed_at
    )
    values (
        n.partner, n.module, n.country_code, n.party_id, n.object_id, n.fetched_at,
        n.last_updated_at, n.fetched_at
    )
