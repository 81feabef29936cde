-- Tariffs whose id holds a text, or all, those that most connectors name first: the first $most of
-- them (null: all), and beside each how many there are.
with stated as (
    select partner, country_code, party_id, lower(unnest(tariff_ids)) as id_key
    from core.connectors
    where removed_at is null
),

named as (
    select partner, country_code, party_id, id_key, count(*) as n
    from stated
    group by partner, country_code, party_id, id_key
)

select
    t.partner, t.country_code, t.party_id,
    max_by(t.id, t.valid_from_at) as id,
    max_by(t.currency, t.valid_from_at) as tariff_currency,
    max_by(t.type, t.valid_from_at) as type,
    count(*) as version_count,
    max(t.valid_from_at) as valid_from_at,
    bool_or(t.valid_to_at is null) as is_published,
    coalesce(any_value(n.n), 0) as connector_count,
    count(*) over () as row_count
from core.tariffs as t
left join named as n
    on t.partner = n.partner and t.country_code = n.country_code
        and t.party_id = n.party_id and lower(t.id) = n.id_key
where ($asked = '' or contains(lower(t.id), lower($asked)))
    and ($partner is null or t.partner = $partner)
group by t.partner, t.country_code, t.party_id, lower(t.id)
order by connector_count desc, t.partner, t.country_code, t.party_id, id
limit $most
