-- The tariffs that one offer leads to.
select tariffs
from mart.offers
where partner = $partner and country_code = $country_code and party_id = $party_id
    and offer = $offer
