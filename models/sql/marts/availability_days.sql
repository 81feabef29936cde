-- The last 31 days, day by day, for each EVSE: places are chosen by area, and areas by the map.
insert into mart.availability_days by name
with days as (
    select
        evse_number, day_on, observed,
        whole_seconds(sum(length_us)) as covered_s,
        whole_seconds(sum(length_us) filter (
            where status in ('AVAILABLE', 'CHARGING', 'RESERVED')
        )) as working_s,
        whole_seconds(sum(length_us) filter (where status in ('PLANNED', 'REMOVED'))) as left_out_s
    from availability_lengths
    group by evse_number, day_on, observed
)

select e.canonical_evse, d.evse_number, d.day_on, d.observed, d.covered_s, d.working_s, d.left_out_s
from days as d
join availability_places as e on d.evse_number = e.evse_number
