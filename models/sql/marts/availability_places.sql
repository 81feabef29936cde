-- The EVSEs under numbers, each and by group: adding up by numbers is quicker than by names.
create or replace temp table availability_places as
select
    *,
    row_number() over (order by canonical_evse) as evse_number,
    dense_rank() over (
        order by partner, country_code, party_id, country, operator, power_class
    ) as group_number
from mart.evses
