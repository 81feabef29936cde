-- recon_peer_connectors: where prices may have other peers now: each connector of a linked CDR, from its
-- first linked one on, and whether that one is among the first thirty.
create temp table recon_peer_connectors as
with linked as (
    select k.connector, min(k.start_at) as first_at
    from recon_neighbour_keys as k
    where k.n in (select l.n from recon_linked_cdrs as l)
    group by k.connector
)
select
    l.connector,
    l.first_at,
    count(k.n) < 30 as at_beginning
from linked as l
left join recon_neighbour_keys as k
    on k.connector = l.connector and k.start_at < l.first_at and k.is_priced
group by l.connector, l.first_at
