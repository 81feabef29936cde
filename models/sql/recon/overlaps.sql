-- recon_overlaps: charges that began before the latest end of those that began earlier on the same
-- connector, or with the same RFID token; each with the one that lasted longest.
create temp table recon_overlaps as
with occupations as (
    select 'connector' as resource, c.connector_key as resource_key, c.*
    from recon_charges as c
    where c.connector_key is not null
    union all
    select 'token', c.token_key, c.*
    from recon_charges as c
    where c.token_key is not null and c.token_type = 'RFID'
),
ordered as (
    select
        o.*,
        max(o.end_at) over (
            partition by o.resource, o.resource_key
            order by o.start_at, o.made_at, o.id, o.partner
            rows between unbounded preceding and 1 preceding
        ) as busy_until_at
    from occupations as o
),
overlapping as (
    select o.* from ordered as o where o.busy_until_at > o.start_at
)
select
    o.n,
    o.resource,
    min_by(b.id, (b.start_at, b.id)) as other_id,
    min_by(b.connector_key, (b.start_at, b.id)) as other_connector_key,
    cast(
        (epoch_us(least(o.busy_until_at, o.end_at)) - epoch_us(o.start_at)) // 1000000 as bigint
    ) as overlap_s
from overlapping as o
join ordered as b
    on b.resource = o.resource and b.resource_key = o.resource_key
        and b.end_at = o.busy_until_at and b.n <> o.n
where b.start_at <= o.start_at
group by o.n, o.resource, o.busy_until_at, o.end_at, o.start_at
