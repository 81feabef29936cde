-- Tariffs that make another price for a basket than they did on a day: by how much, at how many
-- connectors. Beside each how many tariffs and connectors went its way in all, a connector once
-- however many of its tariffs changed.
with changes as materialized (
    select *
    from price_changes_since($places, cast($since as timestamptz), $moment, $idle_min)
),

offers as (
    select direction, offer_key, any_value(connector_count) as connector_count
    from changes
    group by direction, offer_key
),

connectors as (
    select direction, sum(connector_count) as direction_connector_count
    from offers
    group by direction
),

tariffs as (
    select
        direction,
        count(distinct(partner, country_code, party_id, id_key)) as direction_tariff_count
    from changes
    group by direction
)

select
    c.partner, c.country_code, c.party_id, c.tariff_id, c.power_class,
    sum(c.connector_count) as connector_count,
    c.currency, c.before_per_kwh_excl_vat, c.after_per_kwh_excl_vat, c.delta_per_kwh_excl_vat,
    c.delta_per_kwh_excl_vat / nullif(c.before_per_kwh_excl_vat, 0) as delta_share,
    c.valid_from_at, c.direction, c.version_count, c.zone, c.reason,
    t.direction_tariff_count, n.direction_connector_count
from changes as c
join tariffs as t on c.direction = t.direction
join connectors as n on c.direction = n.direction
group by all
order by
    connector_count desc, c.delta_per_kwh_excl_vat desc nulls last, c.partner, c.tariff_id,
    c.power_class, c.zone
