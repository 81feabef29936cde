-- How long each EVSE was in which status on each of the last 31 days. Days are counted in
-- microseconds: arithmetic on moments, which minds zones, takes many times as long.
create or replace temp table availability_lengths as
with spans as (
    select
        evse_number, group_number, observed, status,
        greatest(
            epoch_us(from_at), epoch_us(date_trunc('day', $as_of - interval 30 days))
        ) as from_us,
        epoch_us(until_at) as until_us
    from availability_spans
    where until_at > date_trunc('day', $as_of - interval 30 days)
),

days as (
    select
        evse_number, group_number, observed, status, from_us, until_us,
        unnest(range(from_us // 86400000000, until_us // 86400000000 + 1)) as day_number
    from spans
)

select
    evse_number, group_number, observed, status,
    date '1970-01-01' + cast(day_number as integer) as day_on,
    sum(
        least(until_us, (day_number + 1) * 86400000000)
        - greatest(from_us, day_number * 86400000000)
    ) as length_us
from days
group by evse_number, group_number, observed, status, day_number
having length_us > 0
