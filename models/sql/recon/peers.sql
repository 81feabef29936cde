-- recon_peers: what the ten charges before and the ten after cost for a kWh on the same connector.
create temp table recon_peers as
with prices as (
  select
    l.n, l.connector_key, l.currency, l.start_at, l.id, l.partner,
    cast(l.total_cost_excl_vat as double) / cast(l.total_energy_kwh as double) as price_per_kwh
  from recon_live as l
  where l.connector_key is not null
    and l.total_energy_kwh >= 1
    and l.total_cost_excl_vat > 0
    and not l.home_charging_compensation
),
around as (
  select
    p.n,
    p.price_per_kwh,
    count(*) over peers as peers_count,
    median(p.price_per_kwh) over peers as peers_median,
    mad(p.price_per_kwh) over peers as peers_mad
  from prices as p
  window peers as (
    partition by p.connector_key, p.currency
    order by p.start_at, p.id, p.partner
    rows between 10 preceding and 10 following
  )
)
select a.n, a.price_per_kwh, a.peers_median, a.peers_mad
from around as a
where a.peers_count > 3
