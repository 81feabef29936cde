-- Pulls that were set aside as a body of theirs is damaged, and whether their list is whole again.
select
    p.pull_id,
    p.partner,
    p.module,
    p.error,
    exists(
        select 1
        from ops.watermarks as w
        where w.partner = p.partner and w.module = p.module and w.pull_id > p.pull_id
    ) as fetched_again
from ops.pulls as p
where contains(p.error, 'the landing is damaged')
order by p.pull_id
