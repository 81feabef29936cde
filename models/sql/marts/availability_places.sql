-- The EVSEs under numbers, each and by group: adding up by numbers is quicker than by names.
create or replace temp table availability_places as
select
    * replace (coalesce(city, 'unknown') as city),
    row_number() over (order by canonical_evse) as evse_number,
    dense_rank() over (
        order by
            partner, country_code, party_id, country, region,
            coalesce(city, 'unknown'), operator, power_class
    ) as group_number
from mart.evses
