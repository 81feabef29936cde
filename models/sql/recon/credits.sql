-- recon_credits: each credit with its original. The first that cancels it exactly is the one that
-- does; `cancelled_by_n` says which. Credits are few: they are all matched in every run.
create temp table recon_credits as
with credited as (
  select distinct lower(k.credit_reference_id) as id_key from core.cdrs as k where k.credit
),
originals as (
  select c.rowid, c.*
  from core.cdrs as c
  where not c.credit and lower(c.id) in (select r.id_key from credited as r)
),
matched as (
  select
    k.rowid as n,
    o.rowid as original_n,
    o.id as original_id,
    o.total_cost_excl_vat as original_excl_vat,
    o.rowid is not null
      and o.currency = k.currency
      and coalesce(o.total_cost_excl_vat = -k.total_cost_excl_vat, false)
      and coalesce(o.total_cost_incl_vat = -k.total_cost_incl_vat, true) as is_exact,
    k.id,
    coalesce(k.last_updated_at, k.fetched_at) as made_at
  from core.cdrs as k
  left join originals as o
    on o.partner = k.partner
    and o.country_code = k.country_code
    and o.party_id = k.party_id
    and lower(o.id) = lower(k.credit_reference_id)
  where k.credit
),
ordered as (
  select
    m.*,
    row_number() over (
      partition by m.original_n order by not m.is_exact, m.made_at, m.id
    ) as place
  from matched as m
)
select
  o.n,
  o.original_n,
  o.original_id,
  o.original_excl_vat,
  o.is_exact,
  first.n as cancelled_by_n,
  first.id as cancelled_by_id
from ordered as o
left join ordered as first
  on first.original_n = o.original_n and first.place = 1 and first.is_exact
