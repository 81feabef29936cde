-- Adds the CDRs of locations whose EVSEs or connectors are now said to be other ones; where only
-- the tariffs of a connector are others, those whose price differs: one may explain it.
insert into recon_touched
with changed as (
    select n.source, split_part(n.value, '|', 1) as place from recon_inputs_new as n
    where n.source in ('place', 'offer')
    union
    select g.source, split_part(g.value, '|', 1) as place from recon_inputs_gone as g
    where g.source in ('place', 'offer')
)
select c.rowid as n
from core.cdrs as c
join changed as p
    on lower(p.place) = lower(concat_ws('/', c.partner, c.country_code, c.party_id, c.location_id))
where p.source = 'place'
union all
select c.rowid as n
from recon.cdrs as r
join core.cdrs as c
    on c.partner = r.partner and c.country_code = r.country_code
        and c.party_id = r.party_id and c.id = r.id
join changed as p
    on lower(p.place) = lower(concat_ws('/', c.partner, c.country_code, c.party_id, c.location_id))
where r.cause is not null and p.source = 'offer'
