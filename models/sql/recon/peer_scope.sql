-- recon_peer_scope: the charges whose prices those in focus are compared with: ten before the first
-- in focus on its connector, and all after that; where there are fewer, all of them.
create temp table recon_peer_scope as
with priced as (
    select k.n, k.connector, k.start_at
    from recon_neighbour_keys as k
    where k.is_priced and k.n not in (select x.n from recon_cancellations as x)
),
connectors as (
    select p.connector, min(p.start_at) as first_at
    from priced as p
    where p.n in (select f.n from recon_focus_rows as f)
    group by p.connector
),
since as (
    select c.connector, case when count(*) >= 10 then list_min(max(p.start_at, 10)) end as since_at
    from connectors as c
    join priced as p on p.connector = c.connector and p.start_at < c.first_at
    group by c.connector
)
select p.n
from priced as p
join connectors as c on c.connector = p.connector
left join since as s on s.connector = c.connector
where s.since_at is null or p.start_at >= s.since_at
