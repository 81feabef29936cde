-- Locations whose name, address, place or id holds a text: the first $most of them (null: all), and
-- beside each how many there are.
select
    partner, name, address, city, country, operator_name, country_code, party_id, id, removed_at,
    count(*) over () as row_count
from core.locations
where contains(
        lower(concat_ws(' ', name, address, city, postal_code, id, operator_name)), lower($asked)
    )
order by removed_at is not null, name nulls last, partner, country_code, party_id, id
limit $most
