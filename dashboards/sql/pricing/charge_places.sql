-- The connectors asked for by place, operator and what their price depends on.
select
    k.partner, k.country_code, k.party_id, k.location_id, k.offer, k.zone,
    cast(least(k.power_kw, cast($car_kw as decimal(18, 9))) as decimal(18, 9)) as kw,
    k.operator,
    any_value(coalesce(k.location_name, k.location_id)) as name,
    any_value(k.longitude) as longitude,
    any_value(k.latitude) as latitude,
    count(*) as connector_count
from matching_connectors($places) as k
where k.power_kw > 0 and k.power_kw >= cast($needed_kw as decimal(18, 9))
group by
    k.partner, k.country_code, k.party_id, k.location_id, k.offer, k.zone,
    least(k.power_kw, cast($car_kw as decimal(18, 9))), k.operator
