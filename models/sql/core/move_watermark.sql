-- Notes how far a list is complete, in the row that its watermark has or in a new one.
merge into ops.watermarks as w
using (
    select
        $partner as partner, $module as module, $party as party,
        cast($complete_until_at as timestamptz) as complete_until_at,
        cast($full_at as timestamptz) as full_at,
        $pull_id as pull_id
) as n
    on w.partner = n.partner and w.module = n.module and w.party = n.party
when matched then
    update
        set
            complete_until_at = n.complete_until_at, full_at = n.full_at, pull_id = n.pull_id
when not matched then
    insert (partner, module, party, complete_until_at, full_at, pull_id)
    values (n.partner, n.module, n.party, n.complete_until_at, n.full_at, n.pull_id)
