-- Seconds in each status by EVSE and window; what only the partner's dates tell counts on the
-- basis `stated`.
insert into mart.availability by name
with lengths as (
    select
        s.canonical_evse, s.observed, s.status, w.window_name,
        sum(
            epoch_us(s.until_at) - epoch_us(greatest(s.from_at, w.window_from_at))
        ) as length_us,
        sum(greatest(s.open_until_us - greatest(s.open_from_us, w.open_us), 0)) as open_us
    from availability_opened as s
    join availability_windows as w
        on s.hours_key = w.hours_key and s.until_at > w.window_from_at
    group by s.canonical_evse, s.observed, s.status, w.window_name
),

totals as (
    select
        l.canonical_evse, b.basis, l.window_name,
        {statuses},
        sum(open_us) filter (where status not in ('PLANNED', 'REMOVED')) as open_us,
        sum(open_us) filter (
            where status in ('AVAILABLE', 'CHARGING', 'RESERVED', 'UNKNOWN', 'BLOCKED')
        ) as reliable_us,
        sum(open_us) filter (where status in ('INOPERATIVE', 'OUTOFORDER')) as outage_us
    from lengths as l
    join (values ('observed'), ('stated')) as b(basis) on l.observed or b.basis = 'stated'
    group by l.canonical_evse, b.basis, l.window_name
),

whole as (
    select
        e.canonical_evse, b.basis, w.window_name,
        cast(epoch($as_of) - epoch(w.window_from_at) as bigint) as window_s
    from mart.evses as e
    cross join (values ('observed'), ('stated')) as b(basis)
    join availability_windows as w
        on w.hours_key = '' and (e.removed_at is null or e.removed_at > w.window_from_at)
)

select
    w.canonical_evse,
    w.basis,
    w.window_name as "window",
    w.window_s,
    {covered} as covered_s,
    {columns},
    coalesce(t.open_us, 0) // 1000000 as open_s,
    coalesce(t.reliable_us, 0) // 1000000 as open_reliable_s,
    coalesce(t.outage_us, 0) // 1000000 as open_outage_s
from whole as w
left join totals as t
    on w.canonical_evse = t.canonical_evse and w.basis = t.basis
    and w.window_name = t.window_name
