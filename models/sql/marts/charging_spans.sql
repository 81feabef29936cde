-- When each EVSE was observed in the 28 days before the day of the newest page, and whether it showed
-- CHARGING, in microseconds since they began.
create or replace temp table charging_spans as
with bounds as (
    select
        epoch_us($today - interval 28 days) as since_us,
        28 * 86400000000 as length_us
)

select
    p.group_number, coalesce(p.time_zone, 'UTC') as zone, s.status = 'CHARGING' as charging,
    greatest(epoch_us(s.from_at) - b.since_us, 0) as from_us,
    least(epoch_us(s.until_at) - b.since_us, b.length_us) as until_us
from availability_spans as s
join availability_places as p on s.evse_number = p.evse_number
cross join bounds as b
where s.observed and p.removed_at is null and epoch_us(s.until_at) > b.since_us
    and epoch_us(s.from_at) < b.since_us + b.length_us
