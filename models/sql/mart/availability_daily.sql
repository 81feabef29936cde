-- The last 31 days, day by day, for groups of EVSEs.
insert into mart.availability_daily by name
with days as (
    select
        canonical_evse, basis, status,
        unnest(generate_series(
            date_trunc('day', greatest(from_at, $as_of - interval 30 days)),
            until_at,
            interval 1 day
        )) as day_at,
        from_at,
        until_at
    from availability_spans
    where until_at > date_trunc('day', $as_of - interval 30 days)
),

cut as (
    select
        canonical_evse, basis, status, day_at,
        epoch_us(least(until_at, day_at + interval 1 day)) - epoch_us(greatest(from_at, day_at))
            as length_us
    from days
    where least(until_at, day_at + interval 1 day) > greatest(from_at, day_at)
)

select
    cast(c.day_at as date) as day_on,
    c.basis,
    e.partner, e.country_code, e.party_id, e.country, e.operator, e.power_class,
    count(distinct c.canonical_evse) as evse_count,
    sum(length_us) // 1000000 as covered_s,
    coalesce(sum(length_us) filter (
        where c.status in ('AVAILABLE', 'CHARGING', 'RESERVED')
    ), 0) // 1000000 as working_s,
    coalesce(sum(length_us) filter (where c.status = 'UNKNOWN'), 0) // 1000000 as unknown_s,
    coalesce(sum(length_us) filter (
        where c.status in ('INOPERATIVE', 'OUTOFORDER')
    ), 0) // 1000000 as outage_s,
    coalesce(sum(length_us) filter (
        where c.status in ('PLANNED', 'REMOVED')
    ), 0) // 1000000 as left_out_s
from cut as c
join mart.evses as e on c.canonical_evse = e.canonical_evse
group by
    day_on, c.basis, e.partner, e.country_code, e.party_id, e.country, e.operator, e.power_class
