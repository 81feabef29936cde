-- Adds the CDRs that may be held against other published tariffs: those that carry one which is
-- another from some moment on, and those of its party whose price differs: it may explain them.
insert into recon_touched
with versions as (
    select
        split_part(v.value, '|', 1) as tariff,
        to_timestamp(cast(split_part(v.value, '|', 2) as double) / 1000000) as valid_from_at,
        to_timestamp(cast(nullif(split_part(v.value, '|', 3), '') as double) / 1000000) as valid_to_at,
        split_part(v.value, '|', 4) as content_hash
    from (select source, value from recon_inputs_new union all from recon_inputs_gone) as v
    where v.source = 'tariff'
),
-- A version that was there before, too, is another only from where one of the two ends.
others as (
    select v.tariff, if(count(*) = 2, min(v.valid_to_at), v.valid_from_at) as since_at
    from versions as v
    group by v.tariff, v.valid_from_at, v.content_hash
),
changed as (
    select o.tariff, min(o.since_at) as since_at from others as o group by o.tariff
),
carried as (
    select e.partner, e.content_hash, g.since_at
    from core.embedded_tariffs as e
    join changed as g
        on g.tariff = concat_ws('/', e.partner, e.country_code, e.party_id, lower(e.id))
),
recent as (
    select c.rowid as n, c.partner, c.start_at, unnest(c.tariff_hashes) as content_hash
    from core.cdrs as c
    where c.start_at >= (select min(g.since_at) from changed as g)
)
select r.n
from recent as r
join carried as e
    on e.partner = r.partner and e.content_hash = r.content_hash and r.start_at >= e.since_at
union all
select c.rowid as n
from recon.cdrs as r
join core.cdrs as c
    on c.partner = r.partner and c.country_code = r.country_code
        and c.party_id = r.party_id and c.id = r.id
where r.cause is not null
    and concat_ws('/', r.partner, r.country_code, r.party_id) in (
        select regexp_replace(g.tariff, '/[^/]*$', '') from changed as g
    )
