-- Seconds in each status by EVSE and window; opening hours cut those of places that close.
insert into mart.availability by name
with windows(window_name, window_from_at) as (
    values
        ('7d', $as_of - interval 7 days),
        ('30d', $as_of - interval 30 days),
        ('12m', $as_of - interval 365 days),
        ('year', date_trunc('year', $as_of))
),

cut as (
    select
        s.canonical_evse,
        s.basis,
        w.window_name,
        s.status,
        e.hours_key,
        greatest(s.from_at, w.window_from_at) as from_at,
        s.until_at,
        (epoch_us(s.until_at) - epoch_us(greatest(s.from_at, w.window_from_at))) as length_us
    from availability_spans as s
    join mart.evses as e on s.canonical_evse = e.canonical_evse
    join windows as w on s.until_at > w.window_from_at
),

opened as (
    select canonical_evse, basis, window_name, status, length_us
    from cut
    where hours_key is null or hours_key not in (select hours_key from availability_hours)
    union all
    select
        c.canonical_evse, c.basis, c.window_name, c.status,
        epoch_us(least(c.until_at, h.until_at)) - epoch_us(greatest(c.from_at, h.from_at))
    from cut as c
    join availability_hours as h
        on c.hours_key = h.hours_key and c.from_at < h.until_at and h.from_at < c.until_at
),

open_totals as (
    select
        canonical_evse, basis, window_name,
        sum(length_us) filter (where status not in ('PLANNED', 'REMOVED')) as open_us,
        sum(length_us) filter (
            where status in ('AVAILABLE', 'CHARGING', 'RESERVED', 'UNKNOWN', 'BLOCKED')
        ) as reliable_us,
        sum(length_us) filter (where status in ('INOPERATIVE', 'OUTOFORDER')) as outage_us
    from opened
    group by canonical_evse, basis, window_name
),

totals as (
    select canonical_evse, basis, window_name, {statuses}
    from cut
    group by canonical_evse, basis, window_name
),

whole as (
    select
        e.canonical_evse, b.basis, w.window_name,
        cast(epoch($as_of) - epoch(w.window_from_at) as bigint) as window_s
    from mart.evses as e
    cross join (values ('observed'), ('stated')) as b(basis)
    cross join windows as w
    where e.removed_at is null or e.removed_at > w.window_from_at
)

select
    w.canonical_evse,
    w.basis,
    w.window_name as "window",
    w.window_s,
    {covered} as covered_s,
    {columns},
    coalesce(o.open_us, 0) // 1000000 as open_s,
    coalesce(o.reliable_us, 0) // 1000000 as open_reliable_s,
    coalesce(o.outage_us, 0) // 1000000 as open_outage_s
from whole as w
left join totals as t
    on w.canonical_evse = t.canonical_evse and w.basis = t.basis
    and w.window_name = t.window_name
left join open_totals as o
    on w.canonical_evse = o.canonical_evse and w.basis = o.basis
    and w.window_name = o.window_name
