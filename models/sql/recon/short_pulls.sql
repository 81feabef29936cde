-- Facts about the last pull of each list.
with ordered as (
    select
        p.*,
        row_number() over (
            partition by p.partner, p.module, p.party order by p.started_at desc, p.pull_id desc
        ) as place
    from ops.pulls as p
    where p.mode not in ('push', 'send')
)
select
    o.partner,
    coalesce(split_part(o.party, '/', 1), '*') as country_code,
    coalesce(split_part(o.party, '/', 2), '*') as party_id,
    o.pull_id as subject_id,
    cast(null as varchar) as currency,
    o.module,
    o.objects as object_count,
    o.total_count as promised_count
from ordered as o
where o.place = 1 and o.total_count is not null and not o.unchanged
order by o.partner, o.pull_id
