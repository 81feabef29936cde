-- Every tariff that is offered for a CDR to price, numbered.
create or replace temp table rating_tariffs as
with offered as (
    select distinct
        'embedded' as source, c.partner, '' as tariff_id, unnest(c.tariff_hashes) as content_hash,
        null as discount
    from rating_changes as c
    union all
    select distinct 'published', c.partner, p.tariff_id, p.content_hash, null
    from published_tariffs as p
    join rating_changes as c on c.cdr_number = p.cdr_number
    union all
    select distinct 'agreement', c.partner, p.tariff_id, p.content_hash, a.discount
    from agreed_prices as a
    join published_tariffs as p on p.cdr_number = a.cdr_number
    join rating_changes as c on c.cdr_number = a.cdr_number
    where a.discount is not null
    union all
    select distinct 'agreement', c.partner, '', md5(a.tariff), null
    from agreed_prices as a
    join rating_changes as c on c.cdr_number = a.cdr_number
    where a.tariff is not null
),
agreed as (
    select distinct md5(a.tariff) as content_hash, a.tariff
    from agreed_prices as a
    where a.tariff is not null
),
published as (
    -- Equal content is equal, whoever published it.
    select content_hash, arg_min(tariff, (valid_from_at, partner)) as tariff
    from core.tariffs
    where content_hash in (select content_hash from offered)
    group by content_hash
)
select
    row_number() over (
        order by o.source, o.partner, o.tariff_id, o.content_hash, o.discount
    ) - 1 as number,
    o.source,
    o.partner,
    o.tariff_id,
    o.content_hash,
    o.discount,
    e.id as own_id,
    coalesce(e.tariff, p.tariff, a.tariff) as tariff
from offered as o
left join core.embedded_tariffs as e
    on e.partner = o.partner
        and e.content_hash = case when o.source = 'embedded' then o.content_hash end
left join published as p on p.content_hash = case when o.tariff_id <> '' then o.content_hash end
left join agreed as a
    on a.content_hash = case
            when o.source = 'agreement' and o.tariff_id = '' then o.content_hash
        end
