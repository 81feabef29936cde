-- What tariffs made of one basket's price since a day (the price then against the price now), at
-- each offer of connectors that a choice of places (JSON) asks for.
create or replace macro price_changes_since(places, since_on, at_moment, idle) as table
    with changed as (
        select
            partner, country_code, party_id, lower(tariff_id) as id_key, power_class, zone,
            last(tariff_id order by valid_from_at) as tariff_id,
            max(valid_from_at) as valid_from_at,
            count(*) as version_count,
            first(previous_currency order by valid_from_at) as previous_currency,
            last(currency order by valid_from_at) as currency,
            first(before_per_kwh_excl_vat order by valid_from_at) as before_per_kwh_excl_vat,
            last(after_per_kwh_excl_vat order by valid_from_at) as after_per_kwh_excl_vat,
            last(reason order by valid_from_at) as reason
        from mart.price_changes
        where moment = at_moment and idle_min = idle and valid_from_at >= since_on
        group by partner, country_code, party_id, lower(tariff_id), power_class, zone
    ),

    offered as (
        select
            offer_key, partner, country_code, party_id, power_class, zone,
            unnest(cast(json(offer) as varchar[])) as id_key,
            connector_count
        from (
            select
                offer_key, partner, country_code, party_id, power_class, zone, offer,
                count(*) as connector_count
            from matching_connectors(places)
            where offer <> 'null'
            group by all
        )
    ),

    owned as (
        select distinct
            o.offer_key, o.connector_count, o.partner, o.power_class, o.zone, n.id_key,
            n.owner_country_code as country_code, n.owner_party_id as party_id
        from offered as o
        join named_tariffs(newest_page_at(null)) as n
            on o.partner = n.partner and o.country_code = n.country_code
                and o.party_id = n.party_id and o.id_key = n.id_key
        where n.state = 'known'
    )

    select
        c.*, o.offer_key, o.connector_count,
        case when c.currency = c.previous_currency
                then c.after_per_kwh_excl_vat - c.before_per_kwh_excl_vat
        end as delta_per_kwh_excl_vat,
        case
            when delta_per_kwh_excl_vat > 0 then 'dearer'
            when delta_per_kwh_excl_vat < 0 then 'cheaper'
            else 'unknown'
        end as direction
    from changed as c
    join owned as o
        on c.partner = o.partner and c.country_code = o.country_code and c.party_id = o.party_id
            and c.id_key = o.id_key and c.power_class = o.power_class and c.zone = o.zone
    where delta_per_kwh_excl_vat is null or delta_per_kwh_excl_vat <> 0
