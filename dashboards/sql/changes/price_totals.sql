-- Tariffs and connectors by the way their price went, each connector once however many of its
-- tariffs changed.
with changes as (
    select direction, partner, country_code, party_id, id_key, offer_key, connector_count
    from price_changes_since($places, cast($since as timestamptz), $moment, $idle_min)
),

offers as (
    select direction, offer_key, any_value(connector_count) as connector_count
    from changes
    group by direction, offer_key
)

select
    t.direction, t.tariff_count, o.connector_count
from (
    select direction, count(distinct(partner, country_code, party_id, id_key)) as tariff_count
    from changes
    group by direction
) as t
join (
    select direction, sum(connector_count) as connector_count from offers group by direction
) as o on t.direction = o.direction
