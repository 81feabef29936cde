-- What a charge can be priced by: the tariffs of connectors, their zone, and the power that the
-- connector and the car have in common. Weaker connectors than $needed_kw are left out.
with offered as (
    select distinct
        partner, country_code, party_id, offer, zone,
        cast(least(power_kw, cast($car_kw as decimal(18, 9))) as decimal(18, 9)) as kw
    from mart.connectors
    where power_kw > 0 and power_kw >= cast($needed_kw as decimal(18, 9))
)

select
    a.partner, a.country_code, a.party_id, a.offer, a.zone, a.kw, o.tariffs, o.reason
from offered as a
join mart.offers as o
    on a.partner = o.partner and a.country_code = o.country_code and a.party_id = o.party_id
        and a.offer = o.offer
