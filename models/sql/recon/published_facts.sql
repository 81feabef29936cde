-- recon_published: each version of a published tariff, with the part of it that makes prices.
create temp table recon_published as
select
  e.partner, e.country_code, e.party_id, lower(e.id) as id_key, e.valid_from_at, e.valid_to_at,
  {pricing} as pricing
from core.tariffs as e
