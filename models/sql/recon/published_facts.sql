-- recon_published: each version of a published tariff, with the part of it that makes prices, and
-- from when to when it is in force: from its publication or its start, whichever is later, until
-- the version after it is.
create temp table recon_published as
select
  e.partner, e.country_code, e.party_id, lower(e.id) as id_key,
  greatest(e.valid_from_at, e.start_at) as valid_from_at,
  case
    when lead(e.valid_from_at) over versions <= e.valid_to_at
      then greatest(e.valid_to_at, lead(e.start_at) over versions)
    else e.valid_to_at
  end as valid_to_at,
  {pricing} as pricing
from core.tariffs as e
window versions as (
  partition by e.partner, e.country_code, e.party_id, e.id order by e.valid_from_at
)
