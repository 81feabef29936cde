-- A partner's tariff versions that were known at a time, as lines to hash.
select concat_ws(' ', country_code, party_id, id, epoch_us(valid_from_at), content_hash)
from core.tariffs
where partner = $partner and fetched_at <= $until
order by 1
