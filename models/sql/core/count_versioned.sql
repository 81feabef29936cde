-- Distinct objects a pull brought for a table of versions.
select count(*)
from (select distinct s.country_code, s.party_id, lower(s.id) as id_key from {staged} as s)
