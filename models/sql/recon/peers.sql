-- recon_peers: what the ten charges before it cost for a kWh on the same connector; where fewer
-- than three came before, the ten after it. So a new charge never changes what was said of those
-- before it, but at a connector's beginning.
create temp table recon_peers as
with charges as (
    select
        c.rowid as n,
        evse_key(c.evse_id, c.country_code, c.party_id, c.location_id, c.evse_uid) as evse_key,
        c.*
    from core.cdrs as c
    where c.rowid in (select s.n from recon_peer_scope as s)
        and c.total_energy_kwh >= 1
        and c.total_cost_excl_vat > 0
        and not c.credit
        and not c.home_charging_compensation
        and c.rowid not in (select x.n from recon_cancellations as x)
        and c.rowid not in (select s.n from recon_superseded as s)
),
prices as (
    select
        c.n,
        c.evse_key || '/' || coalesce(c.connector_id, '') as connector_key,
        c.currency, c.start_at, c.id, c.partner,
        cast(c.total_cost_excl_vat as double) / cast(c.total_energy_kwh as double) as price_per_kwh
    from charges as c
    where c.evse_key is not null
),
numbered as (
    select
        p.*,
        row_number() over in_time as place,
        median(p.price_per_kwh) over ten_before as median_before,
        mad(p.price_per_kwh) over ten_before as mad_before
    from prices as p
    window
        in_time as (
            partition by p.connector_key, p.currency order by p.start_at, p.id, p.partner
        ),
        ten_before as (
            partition by p.connector_key, p.currency
            order by p.start_at, p.id, p.partner
            rows between 10 preceding and 1 preceding
        )
),
beginnings as (
    select
        b.n,
        count(*) over ten_after as count_after,
        median(b.price_per_kwh) over ten_after as median_after,
        mad(b.price_per_kwh) over ten_after as mad_after
    from numbered as b
    where b.place <= 13
    window ten_after as (
        partition by b.connector_key, b.currency
        order by b.place
        rows between 1 following and 10 following
    )
)
select
    a.n,
    a.price_per_kwh,
    case when a.place > 3 then a.median_before else b.median_after end as peers_median,
    case when a.place > 3 then a.mad_before else b.mad_after end as peers_mad
from numbered as a
left join beginnings as b on b.n = a.n
where a.place > 3 or b.count_after >= 3
