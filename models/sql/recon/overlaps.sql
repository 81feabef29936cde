-- {target}: claims that began before the latest end of those that began earlier in the same
-- group ({group}), with the one that lasted longest.
create temp table {target} as
with ordered as (
  select
    l.n, l.{group} as group_key, l.start_at, l.end_at, l.id, l.connector_key,
    max(l.end_at) over (
      partition by l.{group}
      order by l.start_at, l.made_at, l.id, l.partner
      rows between unbounded preceding and 1 preceding
    ) as busy_until_at
  from recon_standing as l
  where l.{group} is not null and {condition}
),
overlapping as (
  select o.* from ordered as o where o.busy_until_at > o.start_at
)
select
  o.n,
  min_by(b.id, (b.start_at, b.id)) as other_id,
  min_by(b.connector_key, (b.start_at, b.id)) as other_connector_key,
  cast(
    (epoch_us(least(o.busy_until_at, o.end_at)) - epoch_us(o.start_at)) // 1000000 as bigint
  ) as overlap_s
from overlapping as o
join ordered as b
  on b.group_key = o.group_key and b.end_at = o.busy_until_at and b.n <> o.n
where b.start_at <= o.start_at
group by o.n, o.busy_until_at, o.end_at, o.start_at
