-- settle_open_sessions: the sessions of each month that have no CDR, as things are now, or as they were
-- when the month was locked. One that runs over the month's end is of it for the part before, by time.
-- One that a partner in the partners file brings, too, is no longer one of a partner that left it.
create or replace temp table settle_open_sessions as
with matched as materialized (
    -- A CDR that names no session was matched with one by its verdict.
    select
        c.rowid as n, c.partner, c.country_code, c.party_id, lower(r.session_id) as session_key,
        c.fetched_at
    from core.cdrs as c
    inner join recon.cdrs as r using (partner, country_code, party_id, id)
    where c.session_id is null and r.session_id is not null
),

claims as not materialized (
    select
        rowid as n, partner, country_code, party_id, lower(session_id) as session_key, fetched_at
    from core.cdrs
    anti join refused_for_party() using (partner, country_code, party_id, id)
    where session_id is not null
    union all
    select n, partner, country_code, party_id, session_key, fetched_at from matched
),

late_claims as (
    -- Billed after a month was locked: there are few, and none where none was locked.
    select distinct b.partner, b.country_code, b.party_id, b.session_key, k.until_at
    from claims as b
    inner join settle_locks as k on b.partner = k.partner and b.fetched_at > k.until_at
),

candidates as materialized (
    -- Telling months in time zones is dear, and nearly all sessions are billed: it is done for those
    -- that are not, those billed after a lock that came after they began, and those that may run over
    -- a month's end: clocks are up to 12 hours behind UTC and 14 ahead.
    select s.rowid as n
    from core.sessions as s
    inner join recon.unbilled as u using (partner, country_code, party_id, id)
    union
    select s.rowid as n
    from core.sessions as s
    inner join late_claims as b
        on s.partner = b.partner and s.country_code = b.country_code
            and s.party_id = b.party_id and lower(s.id) = b.session_key
            and s.start_at <= b.until_at
    union
    select s.rowid as n
    from core.sessions as s
    where date_diff(
            'month',
            make_timestamp(epoch_us(s.start_at) - 12 * 3600000000),
            make_timestamp(epoch_us(coalesce(s.end_at, $as_of)) + 14 * 3600000000)
        ) <> 0
),

sessions as materialized (
    select s.rowid as n, s.* from core.sessions as s where s.rowid in (select n from candidates)
),

billed_rows as (
    select b.n, b.session_key
    from claims as b
    semi join (select country_code, party_id, lower(id) as session_key from sessions) as s
        on b.country_code = s.country_code and b.party_id = s.party_id
            and b.session_key = s.session_key
),

billed as (
    select
        c.partner, c.country_code, c.party_id, b.session_key,
        min(c.fetched_at) as fetched_at,
        min(c.id) as cdr_id,
        sum(c.total_cost_excl_vat) as actual_excl_vat
    from billed_rows as b
    inner join core.cdrs as c on b.n = c.rowid
    group by c.partner, c.country_code, c.party_id, b.session_key
),

bills as (
    -- The first claim for a session, whichever connection brought it.
    select s.n, b.fetched_at, b.cdr_id, b.actual_excl_vat
    from sessions as s
    inner join billed as b
        on s.country_code = b.country_code and s.party_id = b.party_id
            and lower(s.id) = b.session_key
    qualify row_number() over (
            partition by s.n order by b.fetched_at, b.partner <> s.partner, b.partner
        ) = 1
),

dated as (
    select
        s.*,
        t.time_zone,
        strftime(timezone(t.time_zone, s.start_at), '%Y-%m') as start_month,
        strftime(timezone(t.time_zone, coalesce(s.end_at, $as_of)), '%Y-%m') as end_month,
        timezone(
            t.time_zone, date_trunc('month', timezone(t.time_zone, s.start_at)) + interval 1 month
        ) as month_end_at
    from sessions as s
    inner join settle_terms as t on s.partner = t.partner
    left join settle_own as o
        on s.partner = o.partner and s.country_code = o.country_code and s.party_id = o.party_id
    where o.partner is null
        and not (
            s.partner in (select partner from settle_left)
            and exists (
                select 1 from core.sessions as a
                anti join settle_left as b on a.partner = b.partner
                where a.country_code = s.country_code and a.party_id = s.party_id
                    and lower(a.id) = lower(s.id)
            )
        )
        and s.status in ('COMPLETED', 'ACTIVE')
        and s.start_at < $as_of
        and s.total_cost_excl_vat is distinct from 0
),

parts as (
    select *, end_month as month, 'completed' as kind, 1.0 as share
    from dated
    where status = 'COMPLETED' and end_at <= $as_of
    union all
    select
        *, start_month as month, 'running' as kind,
        date_diff('second', start_at, month_end_at)
        / greatest(date_diff('second', start_at, coalesce(end_at, $as_of)), 1) as share
    from dated
    where start_month < end_month and month_end_at <= $as_of
)

select
    p.*,
    case when k.until_at is not null and b.fetched_at > k.until_at then b.cdr_id end as cdr_id,
    case when k.until_at is not null and b.fetched_at > k.until_at then b.actual_excl_vat end
        as actual_excl_vat
from parts as p
left join settle_locks as k on p.partner = k.partner and p.month = k.month
left join bills as b on p.n = b.n
left join settle_former_posting as f
    on p.partner = f.partner and p.country_code = f.country_code and p.party_id = f.party_id
        and p.month = f.natural_month
where (
    b.n is null or b.fetched_at > k.until_at
    -- What runs into a month that is not over yet is of this one in part, billed or not.
    or (p.kind = 'running' and b.fetched_at > p.month_end_at)
)
and (k.until_at is null or p.start_at <= k.until_at)
-- A month that was locked under a former name keeps what was accrued in it.
and (f.posting_month is null or p.fetched_at <= f.until_at)
-- Two connections may bring one session: it is accrued once.
qualify dense_rank() over (
        partition by p.country_code, p.party_id, lower(p.id), p.month, p.kind order by p.partner
    ) = 1
