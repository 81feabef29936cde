-- One location as its partner describes it now.
select
    l.*,
    newest_page_at(null) as as_of_at
from core.locations as l
where l.partner = $partner and l.country_code = $country_code
    and l.party_id = $party_id and l.id = $id
