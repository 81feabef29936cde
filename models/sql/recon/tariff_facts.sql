-- recon_embedded: each tariff that CDRs carry, with the part of it that makes prices, and its
-- lowest and highest tax rate.
create temp table recon_embedded as
select
  e.partner, e.content_hash, e.country_code, e.party_id, lower(e.id) as id_key, e.id,
  e.tariff,
  list_min(cast(json_extract_string(e.tariff, '$.elements[*].price_components[*].vat') as decimal(18,6)[])) as vat_low,
  list_max(cast(json_extract_string(e.tariff, '$.elements[*].price_components[*].vat') as decimal(18,6)[])) as vat_high,
  {pricing} as pricing
from core.embedded_tariffs as e
