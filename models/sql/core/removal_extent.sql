-- How much of each party would go.
with
live as (
  select c.country_code, c.party_id, count(*) as objects
  from {table} as c
  where c.partner = $partner and c.{end_column} is null
  group by c.country_code, c.party_id
),
missing as (
  select m.country_code, m.party_id, count(*) as objects
  from {missing} as m
  group by m.country_code, m.party_id
)
select m.country_code, m.party_id, l.objects, m.objects
from missing as m
inner join live as l on l.country_code = m.country_code and l.party_id = m.party_id
order by m.country_code, m.party_id
