-- The EVSEs under numbers, each and by group: adding up by numbers is quicker than by names. The
-- empty key of opening hours stands for open at all hours.
create or replace temp table availability_places as
select
    canonical_evse, partner, country_code, party_id, location_id, uid, country, region,
    coalesce(city, 'unknown') as city,
    coalesce(location_name, address) as location_name, operator, power_class, power_kw, time_zone, removed_at,
    case
        when hours_key in (select hours_key from availability_hours) then hours_key
        else ''
    end as hours_key,
    evse_number,
    dense_rank() over (
        order by
            partner, country_code, party_id, country, region,
            coalesce(city, 'unknown'), operator, power_class
    ) as group_number
from mart.evses
