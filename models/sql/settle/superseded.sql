-- CDRs of connections that left the partners file, each with the one that brings the same object.
select s.partner, s.country_code, s.party_id, s.id, s.by_partner, s.by_id
from superseded_cdrs($former) as s
order by all
