-- The dispute about one CDR.
select dispute_id
from settle.disputes
where subject = 'cdr' and subject_id = $id and partner = $partner
    and subject_country_code = $country_code and subject_party_id = $party_id
