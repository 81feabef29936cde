-- Versions that came into force in the last 365 days and say something else than the one in force before
-- them; what is announced ahead changes nothing yet.
create or replace temp table price_versions as
with versions as (
    select
        partner, country_code, party_id, id as tariff_id, lower(id) as id_key,
        in_force_from_at as valid_from_at, currency, tariff, content_hash,
        lag(in_force_from_at) over w as previous_from_at,
        lag(currency) over w as previous_currency,
        lag(tariff) over w as previous_tariff,
        lag(content_hash) over w as previous_hash
    from tariffs_in_force()
    window w as (
        partition by partner, country_code, party_id, lower(id) order by in_force_from_at
    )
)

select
    partner, country_code, party_id, tariff_id, id_key, valid_from_at, previous_from_at,
    currency, previous_currency, tariff, previous_tariff
from versions
where previous_hash <> content_hash
    and valid_from_at > $as_of - interval 365 days and valid_from_at <= $as_of
order by partner, country_code, party_id, tariff_id, valid_from_at
