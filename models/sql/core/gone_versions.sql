-- The touched objects that a complete full pull lacked.
select t.object
from {touched} as t
inner join {missing} as m
  on m.country_code = t.country_code and m.party_id = t.party_id and lower(m.id) = t.id_key
