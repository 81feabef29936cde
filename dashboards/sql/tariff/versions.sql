-- Every version of a tariff, the newest first.
select
    id, valid_from_at, valid_to_at, currency as tariff_currency, type, tax_included, start_at,
    end_at, tariff, fetched_at, page_id
from core.tariffs
where partner = $partner and country_code = $country_code
    and party_id = $party_id and lower(id) = lower($id)
order by valid_from_at desc
