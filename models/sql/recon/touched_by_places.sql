-- Adds the CDRs of locations whose EVSEs or connectors are now said to be other ones.
insert into recon_touched
with places as (
  select split_part(n.value, '|', 1) as place from recon_seen_new as n where n.source = 'place'
  union
  select split_part(g.value, '|', 1) as place from recon_seen_gone as g where g.source = 'place'
)
select a.n
from recon_all as a
join places as p
  on p.place = concat_ws('/', a.partner, a.country_code, a.party_id, a.location_id)
