-- What was made of one CDR.
select *, disputed_excl_vat + rejected_excl_vat as held_back_excl_vat
from recon.cdrs
where id = $id and partner = $partner and country_code = $country_code and party_id = $party_id
