-- How much of what AFIR (EU 2023/1804, article 20) asks operators to publish they do publish: shares
-- of connectors, by operator.
with connectors as (
    select
        k.operator,
        k.latitude is not null and k.longitude is not null as with_position,
        l.address is not null and l.city is not null as with_address,
        l.opening_times is not null or l.twentyfourseven is not null as with_hours,
        k.operator <> 'unknown' as with_operator,
        l.help_phone is not null as with_contact,
        e.evse_id is not null as with_id,
        k.standard is not null as with_connector,
        k.power_class <> 'unknown' as with_current,
        k.power_kw is not null as with_power,
        k.status <> 'UNKNOWN' as with_status,
        (epoch(m.as_of_at) - epoch(e.last_updated_at)) / 3600 as status_age_h,
        len(list_filter(
            coalesce(o.tariffs, []),
            lambda t: coalesce(json_extract_string(t, '$.type'), 'AD_HOC_PAYMENT')
            = 'AD_HOC_PAYMENT'
        )) > 0 as with_ad_hoc_price
    from matching_connectors($places) as k
    join mart.evses as e on k.canonical_evse = e.canonical_evse
    left join core.locations as l
        on k.partner = l.partner and k.country_code = l.country_code
            and k.party_id = l.party_id and k.location_id = l.id
    left join mart.offers as o
        on k.partner = o.partner and k.country_code = o.country_code
            and k.party_id = o.party_id and k.offer = o.offer
    cross join (select newest_page_at(null) as as_of_at) as m
),

operators as (
    select
        operator,
        count(*) as connector_count,
        avg(cast(with_position as integer)) as position_share,
        avg(cast(with_address as integer)) as address_share,
        avg(cast(with_hours as integer)) as hours_share,
        avg(cast(with_operator as integer)) as operator_share,
        avg(cast(with_contact as integer)) as contact_share,
        avg(cast(with_id as integer)) as id_share,
        avg(cast(with_connector as integer)) as connector_type_share,
        avg(cast(with_current as integer)) as current_share,
        avg(cast(with_power as integer)) as power_share,
        avg(cast(with_status as integer)) as status_share,
        avg(cast(with_ad_hoc_price as integer)) as ad_hoc_price_share,
        median(status_age_h) as status_age_h
    from connectors
    group by operator
)

select
    operator, connector_count,
    (
        position_share + address_share + hours_share + operator_share + contact_share + id_share
        + connector_type_share + current_share + power_share + status_share + ad_hoc_price_share
    ) / 11 as complete_share,
    ad_hoc_price_share, status_share, status_age_h, position_share, address_share, hours_share,
    operator_share, contact_share, id_share, connector_type_share, current_share, power_share
from operators
order by connector_count desc, operator
