-- What a charge can be priced by at the connectors asked for: their tariffs, zone, and the power that
-- the connector and the car have in common. Weaker connectors than $needed_kw are left out.
select
    k.partner, k.country_code, k.party_id, k.offer, k.zone,
    cast(least(k.power_kw, cast($car_kw as decimal(18, 9))) as decimal(18, 9)) as kw,
    any_value(o.tariffs) as tariffs,
    any_value(o.reason) as reason
from matching_connectors($places) as k
join mart.offers as o
    on k.partner = o.partner and k.country_code = o.country_code and k.party_id = o.party_id
        and k.offer = o.offer
where k.power_kw > 0 and k.power_kw >= cast($needed_kw as decimal(18, 9))
group by
    k.partner, k.country_code, k.party_id, k.offer, k.zone,
    least(k.power_kw, cast($car_kw as decimal(18, 9)))
order by k.partner, k.country_code, k.party_id, k.offer, k.zone, kw
