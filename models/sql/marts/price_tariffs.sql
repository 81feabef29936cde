-- What each tariff id that a connector names leads to now.
create or replace temp table price_tariffs as
select
    partner, country_code, party_id, id_key, state, tariff, owner_country_code, owner_party_id
from named_tariffs($as_of)
