-- The opening hours there are, each once with the zone they are read in.
create or replace temp table availability_opening_times as
select distinct
    e.hours_key,
    l.opening_times,
    l.time_zone
from mart.evses as e
join core.locations as l
    on e.partner = l.partner and e.country_code = l.country_code
        and e.party_id = l.party_id and e.location_id = l.id
where e.hours_key is not null
order by e.hours_key
