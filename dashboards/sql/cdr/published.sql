-- The versions of the tariffs that were published when a session started.
select id, valid_from_at, valid_to_at, currency, tariff
from core.tariffs
where partner = $partner and country_code = $country_code and party_id = $party_id
    and list_contains($ids::varchar[], upper(id))
    and valid_from_at <= $start_at and (valid_to_at is null or valid_to_at > $start_at)
order by id
