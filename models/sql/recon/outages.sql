-- recon_outages: for how long of its charge a CDR's EVSE was said to be out of order.
create temp table recon_outages as
with outage as (
    select s.partner, s.country_code, s.party_id, s.location_id, s.evse_uid, s.status, s.from_at, s.to_at
    from core.evse_status as s
    where s.status in ('INOPERATIVE', 'OUTOFORDER', 'PLANNED', 'REMOVED')
),
during as (
    select
        f.n, o.status,
        epoch_us(least(c.end_at, coalesce(o.to_at, c.end_at)))
        - epoch_us(greatest(c.start_at, o.from_at)) as lasted_us
    from recon_focus as f
    join core.cdrs as c on c.rowid = f.n
    join outage as o
        on o.partner = c.partner
            and o.country_code = c.country_code
            and o.party_id = c.party_id
            and lower(o.location_id) = lower(c.location_id)
            and lower(o.evse_uid) = lower(c.evse_uid)
    where not c.credit
        and o.from_at < c.end_at
        and coalesce(o.to_at, c.end_at) > c.start_at
)
select d.n, cast(sum(d.lasted_us) // 1000000 as bigint) as outage_s, max_by(d.status, d.lasted_us) as status
from during as d
group by d.n
