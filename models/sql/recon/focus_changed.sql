-- recon_focus_n: the linked CDRs, and those that come after them on their connector or token near
-- enough to be set against them: overlaps, travel, prices. Prices are compared with the ten charges
-- before, at a connector's beginning with those after; credited ones between do not count, hence
-- twenty.
create temp table recon_focus_n as
with linked as (
  select a.* from recon_all as a where a.n in (select l.n from recon_linked as l)
),
placed as (
  select
    a.n,
    row_number() over in_time as place,
    bool_or(l.n is not null) over (
      partition by a.connector_key, a.currency order by a.start_at, a.id, a.partner
      rows between 20 preceding and current row
    ) as comes_after,
    min(case when l.n is not null then a.start_at end) over (
      partition by a.connector_key, a.currency
    ) as first_linked_at,
    nth_value(a.start_at, 30) over (
      partition by a.connector_key, a.currency order by a.start_at, a.id, a.partner
      rows between unbounded preceding and unbounded following
    ) as thirtieth_at
  from recon_all as a
  left join recon_linked as l on l.n = a.n
  where a.connector_key in (select l.connector_key from linked as l)
    and a.total_energy_kwh >= 1 and a.total_cost_excl_vat > 0
    and not a.credit and not a.home_charging_compensation
  window in_time as (
    partition by a.connector_key, a.currency order by a.start_at, a.id, a.partner
  )
)
select l.n from linked as l
union
select a.n from recon_all as a
join linked as l
  on l.connector_key = a.connector_key and a.start_at >= l.start_at and a.start_at < l.end_at
union
select a.n from recon_all as a
join linked as l
  on l.token_uid = a.token_uid
  and a.start_at >= l.start_at and a.start_at < l.end_at + interval 7 days
union
select p.n
from placed as p
where p.comes_after
  or (p.place <= 13 and p.first_linked_at <= coalesce(p.thirtieth_at, p.first_linked_at))
