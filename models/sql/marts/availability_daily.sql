-- The last 31 days, day by day, for groups of EVSEs.
insert into mart.availability_daily by name
with totals as (
    select
        l.day_on, b.basis, l.group_number,
        whole_seconds(sum(length_us)) as covered_s,
        whole_seconds(sum(length_us) filter (
            where status in ('AVAILABLE', 'CHARGING', 'RESERVED')
        )) as working_s,
        whole_seconds(sum(length_us) filter (where status = 'UNKNOWN')) as unknown_s,
        whole_seconds(sum(length_us) filter (
            where status in ('INOPERATIVE', 'OUTOFORDER')
        )) as outage_s,
        whole_seconds(sum(length_us) filter (
            where status in ('PLANNED', 'REMOVED')
        )) as left_out_s
    from availability_lengths as l
    join (values ('observed'), ('stated')) as b (basis) on l.observed or b.basis = 'stated'
    group by l.day_on, b.basis, l.group_number
)

select
    t.day_on, t.basis, g.partner, g.country_code, g.party_id, g.country, g.region, g.city,
    g.operator, g.power_class, t.covered_s, t.working_s, t.unknown_s, t.outage_s, t.left_out_s
from totals as t
join (
    select distinct
        group_number, partner, country_code, party_id, country, region, city, operator,
        power_class
    from availability_places
) as g on t.group_number = g.group_number
