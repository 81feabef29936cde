-- Outages of the last 365 days: runs of INOPERATIVE and OUTOFORDER. A recovery of less than 5
-- minutes does not end one, and one that ended within 5 minutes is none.
insert into mart.outages by name
with known as (
    select
        e.canonical_evse,
        s.status,
        s.from_at,
        s.to_at,
        coalesce(s.to_at, $as_of) as end_at,
        min(s.observed_from_at) over (partition by e.canonical_evse) as first_look_at
    from mart.evses as e
    join core.evse_status as s
        on e.partner = s.partner and e.country_code = s.country_code
            and e.party_id = s.party_id and e.location_id = s.location_id and e.uid = s.evse_uid
),

out_of_service as (
    select
        *,
        max(end_at) over (
            partition by canonical_evse order by from_at
            rows between unbounded preceding and 1 preceding
        ) as previous_end_at
    from known
    where status in ('INOPERATIVE', 'OUTOFORDER')
),

numbered as (
    select
        *,
        sum(cast(
            previous_end_at is null or from_at - previous_end_at >= interval 5 minutes as integer
        )) over (partition by canonical_evse order by from_at) as outage_number
    from out_of_service
),

merged as (
    select
        canonical_evse,
        min(from_at) as from_at,
        case when count(*) = count(to_at) then max(to_at) end as to_at,
        max(end_at) as end_at,
        max_by(status, from_at) as status,
        min(from_at) >= any_value(first_look_at) as seen_to_begin
    from numbered
    group by canonical_evse, outage_number
)

select
    canonical_evse, from_at, to_at, status, seen_to_begin,
    cast((epoch_us(end_at) - epoch_us(from_at)) / 3600000000.0 as decimal(18, 9)) as length_h
from merged
where end_at > $as_of - interval 365 days
    and (to_at is null or to_at - from_at >= interval 5 minutes)
