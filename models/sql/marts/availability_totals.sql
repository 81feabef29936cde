-- Seconds in each status by EVSE and window; what only the partner's dates tell counts on
-- the basis `stated`.
insert into mart.availability by name
with lengths as (
    select
        s.evse_number, s.observed, s.is_live, s.status, w.window_name,
        cast(sum(
            epoch_us(s.until_at) - epoch_us(greatest(s.from_at, w.window_from_at))
        ) as bigint) as length_us,
        cast(sum(
            greatest(s.open_until_us - greatest(s.open_from_us, w.open_us), 0)
        ) as bigint) as open_us
    from availability_opened as s
    join availability_windows as w
        on s.hours_key = w.hours_key and s.until_at > w.window_from_at
    group by s.evse_number, s.observed, s.is_live, s.status, w.window_name
),

totals as (
    select
        l.evse_number, b.basis, l.window_name,
        whole_seconds(sum(length_us) filter (where status = 'AVAILABLE')) as available_s,
        whole_seconds(sum(length_us) filter (where status = 'BLOCKED')) as blocked_s,
        whole_seconds(sum(length_us) filter (where status = 'CHARGING')) as charging_s,
        whole_seconds(sum(length_us) filter (where status = 'INOPERATIVE')) as inoperative_s,
        whole_seconds(sum(length_us) filter (where status = 'OUTOFORDER')) as outoforder_s,
        whole_seconds(sum(length_us) filter (where status = 'PLANNED')) as planned_s,
        whole_seconds(sum(length_us) filter (where status = 'REMOVED')) as removed_s,
        whole_seconds(sum(length_us) filter (where status = 'RESERVED')) as reserved_s,
        whole_seconds(sum(length_us) filter (where status = 'UNKNOWN')) as unknown_s,
        available_s + blocked_s + charging_s + inoperative_s + outoforder_s + planned_s
        + removed_s + reserved_s + unknown_s as covered_s,
        whole_seconds(sum(length_us) filter (where is_live)) as live_s,
        whole_seconds(sum(open_us) filter (
            where status not in ('PLANNED', 'REMOVED')
        )) as open_s,
        whole_seconds(sum(open_us) filter (
            where status in ('AVAILABLE', 'CHARGING', 'RESERVED', 'UNKNOWN', 'BLOCKED')
        )) as open_reliable_s,
        whole_seconds(sum(open_us) filter (
            where status in ('INOPERATIVE', 'OUTOFORDER')
        )) as open_outage_s
    from lengths as l
    join (values ('observed'), ('stated')) as b (basis) on l.observed or b.basis = 'stated'
    group by l.evse_number, b.basis, l.window_name
),

whole as (
    select
        e.canonical_evse, e.evse_number, b.basis, w.window_name,
        cast(epoch($as_of) - epoch(w.window_from_at) as bigint) as window_s
    from availability_places as e
    cross join (values ('observed'), ('stated')) as b (basis)
    join availability_windows as w
        on w.hours_key = '' and (e.removed_at is null or e.removed_at > w.window_from_at)
)

select
    w.canonical_evse,
    w.basis,
    w.window_name as "window",
    w.window_s,
    coalesce(t.covered_s, 0) as covered_s,
    coalesce(t.live_s, 0) as live_s,
    coalesce(t.available_s, 0) as available_s,
    coalesce(t.blocked_s, 0) as blocked_s,
    coalesce(t.charging_s, 0) as charging_s,
    coalesce(t.inoperative_s, 0) as inoperative_s,
    coalesce(t.outoforder_s, 0) as outoforder_s,
    coalesce(t.planned_s, 0) as planned_s,
    coalesce(t.removed_s, 0) as removed_s,
    coalesce(t.reserved_s, 0) as reserved_s,
    coalesce(t.unknown_s, 0) as unknown_s,
    coalesce(t.open_s, 0) as open_s,
    coalesce(t.open_reliable_s, 0) as open_reliable_s,
    coalesce(t.open_outage_s, 0) as open_outage_s
from whole as w
left join totals as t
    on w.evse_number = t.evse_number and w.basis = t.basis
        and w.window_name = t.window_name
