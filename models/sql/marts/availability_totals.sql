-- Seconds in each status by EVSE and window; what only the partner's dates tell counts on the
-- basis `stated`. Sums are taken down to 64 bits at once: dividing 128 bits took half of the time.
insert into mart.availability by name
with lengths as (
    select
        s.evse_number, s.observed, s.status, w.window_name,
        cast(sum(
            epoch_us(s.until_at) - epoch_us(greatest(s.from_at, w.window_from_at))
        ) as bigint) as length_us,
        cast(sum(
            greatest(s.open_until_us - greatest(s.open_from_us, w.open_us), 0)
        ) as bigint) as open_us
    from availability_opened as s
    join availability_windows as w
        on s.hours_key = w.hours_key and s.until_at > w.window_from_at
    group by s.evse_number, s.observed, s.status, w.window_name
),

totals as (
    select
        l.evse_number, b.basis, l.window_name,
        {statuses},
        cast(sum(open_us) filter (
            where status not in ('PLANNED', 'REMOVED')
        ) as bigint) // 1000000 as open_s,
        cast(sum(open_us) filter (
            where status in ('AVAILABLE', 'CHARGING', 'RESERVED', 'UNKNOWN', 'BLOCKED')
        ) as bigint) // 1000000 as open_reliable_s,
        cast(sum(open_us) filter (
            where status in ('INOPERATIVE', 'OUTOFORDER')
        ) as bigint) // 1000000 as open_outage_s
    from lengths as l
    join (values ('observed'), ('stated')) as b(basis) on l.observed or b.basis = 'stated'
    group by l.evse_number, b.basis, l.window_name
),

whole as (
    select
        e.canonical_evse, e.evse_number, b.basis, w.window_name,
        cast(epoch($as_of) - epoch(w.window_from_at) as bigint) as window_s
    from availability_places as e
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
    coalesce(t.open_s, 0) as open_s,
    coalesce(t.open_reliable_s, 0) as open_reliable_s,
    coalesce(t.open_outage_s, 0) as open_outage_s
from whole as w
left join totals as t
    on w.evse_number = t.evse_number and w.basis = t.basis
    and w.window_name = t.window_name
