-- Notes what was pushed: of each object the first push, the last, and what it brought. A push that
-- brings what a pull had brought before it was late.
merge into ops.push_audit as k
using (
    select
        p.partner, p.module, p.country_code, p.party_id,
        case
            when p.module = 'hubclientinfo' then lower(p.country_code || '/' || p.party_id)
            else lower(split_part(p.object_id, '/', 1))
        end as object_id,
        min(p.received_at) as pushed_at,
        max(p.received_at) as last_pushed_at,
        max(p.last_updated_at) as pushed_last_updated_at
    from push_rows as p
    where p.state = 'loaded'
        and p.method <> 'DELETE'
        and p.country_code is not null
        and p.party_id is not null
    group by all
) as n
    on k.partner = n.partner
        and k.module = n.module
        and k.country_code = n.country_code
        and k.party_id = n.party_id
        and k.object_id = n.object_id
when matched then
    update
        set
            pushed_at = least(k.pushed_at, n.pushed_at),
            last_pushed_at = greatest(k.last_pushed_at, n.last_pushed_at),
            pushed_last_updated_at = greatest(k.pushed_last_updated_at, n.pushed_last_updated_at),
            late_at = case
                when k.missed_at is not null
                    and k.late_at is null
                    and n.pushed_last_updated_at >= k.pulled_last_updated_at
                    then n.pushed_at
                else k.late_at
            end,
            unlisted_at = null
when not matched then
    insert (
        partner, module, country_code, party_id, object_id, pushed_at, last_pushed_at,
        pushed_last_updated_at
    )
    values (
        n.partner, n.module, n.country_code, n.party_id, n.object_id, n.pushed_at, n.last_pushed_at,
        n.pushed_last_updated_at
    )
