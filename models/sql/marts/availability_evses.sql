-- Every EVSE once: of its copies the one that counts; of one that went away, the last to go.
insert into mart.evses by name
with copies as (
    select
        canonical_evse,
        count(*) filter (where removed_at is null) as copy_count
    from core.evses
    group by canonical_evse
),

counted as (
    select *
    from core.evses
    qualify row_number() over (
            partition by canonical_evse
            order by
                is_current_copy desc, removed_at desc nulls first, last_updated_at desc nulls last,
                partner, country_code, party_id, location_id, uid
        ) = 1
),

-- The strongest connector decides; DC beats AC, because a driver comes for it.
plugs as (
    select
        partner, country_code, party_id, location_id, evse_uid,
        count(*) as connector_count,
        max(power_kw) as power_kw,
        bool_or(power_type = 'DC') as is_dc,
        bool_or(power_type like 'AC%') as is_ac,
        max(power_kw) filter (where power_type = 'DC') as dc_kw,
        list_sort(list_distinct(list(standard) filter (where standard is not null))) as standards
    from core.connectors
    where removed_at is null
    group by partner, country_code, party_id, location_id, evse_uid
),

-- One operator whatever the case of its name, as most of its places write it.
operators as (
    select
        operator_name,
        first_value(operator_name) over (
            partition by lower(operator_name) order by count(*) desc, operator_name
        ) as operator
    from core.locations
    where operator_name is not null
    group by operator_name
),

shown as (
    select
        partner, country_code, party_id, location_id, evse_uid,
        max_by(from_at, from_at) as status_from_at,
        max_by(observed_until_at, from_at) as seen_at
    from core.evse_status
    group by partner, country_code, party_id, location_id, evse_uid
)

select
    e.partner,
    e.country_code,
    e.party_id,
    e.location_id,
    e.uid,
    e.canonical_evse,
    row_number() over (order by e.canonical_evse) as evse_number,
    e.evse_id,
    c.copy_count,
    l.name as location_name,
    l.address,
    l.city,
    l.postal_code,
    region_of(l.state, l.country, l.postal_code) as region,
    coalesce(l.country, 'unknown') as country,
    coalesce(o.operator, 'unknown') as operator,
    coalesce(e.latitude, l.latitude) as latitude,
    coalesce(e.longitude, l.longitude) as longitude,
    l.time_zone,
    case
        when l.opening_times is not null and l.twentyfourseven is not true
            then md5(l.opening_times || coalesce(l.time_zone, ''))
    end as hours_key,
    p.power_kw,
    case
        when p.is_dc and p.dc_kw >= 150 then 'hpc'
        when p.is_dc and p.dc_kw is not null then 'dc'
        when p.is_ac and not p.is_dc then 'ac'
        else 'unknown'
    end as power_class,
    p.standards,
    coalesce(p.connector_count, 0) as connector_count,
    e.status,
    s.status_from_at,
    coalesce(s.seen_at, e.fetched_at) as seen_at,
    e.last_updated_at,
    e.removed_at
from counted as e
join copies as c on e.canonical_evse = c.canonical_evse
left join core.locations as l
    on e.partner = l.partner and e.country_code = l.country_code
        and e.party_id = l.party_id and e.location_id = l.id
left join operators as o on l.operator_name = o.operator_name
left join plugs as p
    on e.partner = p.partner and e.country_code = p.country_code
        and e.party_id = p.party_id and e.location_id = p.location_id and e.uid = p.evse_uid
left join shown as s
    on e.partner = s.partner and e.country_code = s.country_code
        and e.party_id = s.party_id and e.location_id = s.location_id and e.uid = s.evse_uid
