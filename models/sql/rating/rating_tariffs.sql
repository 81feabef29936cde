-- Every tariff that is offered for a CDR to price, numbered.
create or replace temp table rating_tariffs as
with offered as (
    select distinct 'embedded' as source, c.partner, '' as tariff_id, unnest(c.tariff_hashes) as content_hash
    from rating_changes as c
    union all
    select distinct 'published' as source, c.partner, p.tariff_id, p.content_hash
    from published_tariffs as p
    join rating_changes as c on c.cdr_number = p.cdr_number
),
published as (
    -- Equal content is equal, whoever published it.
    select content_hash, arg_min(tariff, (valid_from_at, partner)) as tariff
    from core.tariffs
    where content_hash in (select content_hash from offered)
    group by content_hash
)
select
    row_number() over (order by o.source, o.partner, o.tariff_id, o.content_hash) - 1 as number,
    o.source,
    o.partner,
    o.tariff_id,
    o.content_hash,
    e.id as own_id,
    coalesce(e.tariff, p.tariff) as tariff
from offered as o
left join core.embedded_tariffs as e
    on o.source = 'embedded' and e.partner = o.partner and e.content_hash = o.content_hash
left join published as p
    on o.source = 'published' and p.content_hash = o.content_hash
