-- The last 31 days, day by day, for each EVSE: places are chosen by area, and areas by the map.
insert into mart.availability_days by name
select
    e.canonical_evse, l.day_on, l.observed,
    whole_seconds(sum(l.length_us)) as covered_s,
    whole_seconds(sum(l.length_us) filter (
        where l.status in ('AVAILABLE', 'CHARGING', 'RESERVED')
    )) as working_s,
    whole_seconds(sum(l.length_us) filter (where l.status in ('PLANNED', 'REMOVED'))) as left_out_s
from availability_lengths as l
join availability_places as e on l.evse_number = e.evse_number
group by e.canonical_evse, l.day_on, l.observed
order by e.canonical_evse, l.day_on, l.observed
