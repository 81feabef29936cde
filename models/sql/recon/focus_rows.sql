-- recon_focus_rows: the linked CDRs, and those that come after them on their EVSE or token near
-- enough to be set against them: copies, overlaps, travel, prices. Prices are compared with the ten
-- charges before, at a connector's beginning with those after; cancelled ones do not count.
create temp table recon_focus_rows as
with linked as (
    select k.* from recon_neighbour_keys as k where k.n in (select l.n from recon_linked_cdrs as l)
),
priced as (
    select
        k.n, k.connector, k.start_at, c.id, c.partner,
        f.at_beginning,
        k.n in (select l.n from recon_linked_cdrs as l) as is_linked,
        sum(cast(k.n not in (select x.n from recon_cancellations as x) as integer)) over in_time as place
    from recon_neighbour_keys as k
    join recon_peer_connectors as f
        on f.connector = k.connector and (f.at_beginning or k.start_at >= f.first_at)
    join core.cdrs as c on c.rowid = k.n
    where k.is_priced
    window in_time as (partition by k.connector order by k.start_at, c.id, c.partner)
),
placed as (
    select
        p.*,
        max(case when p.is_linked then p.place end) over (
            partition by p.connector order by p.start_at, p.id, p.partner
        ) as linked_place
    from priced as p
)
select l.n from linked as l
union
select a.n from recon_neighbour_keys as a
join linked as l
    on l.evse = a.evse
        and a.start_at >= l.start_at - to_microseconds($near_us)
        and (a.start_at < l.end_at or a.start_at <= l.start_at + to_microseconds($near_us))
union
select a.n from recon_neighbour_keys as a
join linked as l
    on l.token = a.token
        and a.start_at >= l.start_at and a.start_at < l.end_at + interval 7 days
union
select p.n
from placed as p
where p.place - p.linked_place <= 10 or (p.at_beginning and p.place <= 13)
