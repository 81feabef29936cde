-- Sessions of each month that have no CDR: as things are now, or as they were when the month was locked.
-- A session that runs over the month's end is accrued for the part before it, by time. One that a
-- partner in the partners file brings, too, is no longer one of a partner that left it.
insert into settle.accruals by name
with billed as (
    select
        c.partner, c.country_code, c.party_id,
        lower(coalesce(c.session_id, r.session_id)) as session_key,
        min(c.fetched_at) as fetched_at,
        min(c.id) as cdr_id,
        sum(c.total_cost_excl_vat) as actual_excl_vat
    from core.cdrs as c
    left join recon.cdrs as r using (partner, country_code, party_id, id)
    where coalesce(c.session_id, r.session_id) is not null
    group by all
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
    from core.sessions as s
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
),

open_parts as (
    select
        p.*,
        case when k.until_at is not null and b.fetched_at > k.until_at then b.cdr_id end as cdr_id,
        case when k.until_at is not null and b.fetched_at > k.until_at then b.actual_excl_vat end
            as actual_excl_vat
    from parts as p
    left join settle_locks as k on p.partner = k.partner and p.month = k.month
    left join billed as b
        on p.partner = b.partner and p.country_code = b.country_code
            and p.party_id = b.party_id and lower(p.id) = b.session_key
    where (
        b.session_key is null or b.fetched_at > k.until_at
        -- What runs into a month that is not over yet is of this one in part, billed or not.
        or (p.kind = 'running' and b.fetched_at > p.month_end_at)
    )
    and (k.until_at is null or p.start_at <= k.until_at)
),

means as (
    select
        o.partner, o.country_code, o.party_id, o.month,
        sum(l.claimed_excl_vat) / nullif(sum(l.energy_kwh), 0) as price_per_kwh,
        min(l.currency) as currency
    from (select distinct partner, country_code, party_id, month from open_parts) as o
    inner join settle.statement_lines as l
        on o.partner = l.partner and o.country_code = l.country_code
            and o.party_id = l.party_id and l.direction = 'payable'
            and l.section = 'roaming' and l.kind = 'cdr' and not l.credit
            and l.verdict in ('agreed', 'tolerated', 'underclaimed', 'overclaimed')
            and l.month <= o.month
            and l.month >= strftime(cast(o.month || '-01' as date) - interval 2 month, '%Y-%m')
    group by o.partner, o.country_code, o.party_id, o.month
    having count(distinct l.currency) = 1
)

select
    p.partner, p.country_code, p.party_id, p.month, p.id as session_id, p.kind,
    coalesce(p.currency, m.currency) as currency,
    p.start_at, p.end_at,
    cast(p.energy_kwh * p.share as decimal(18, 9)) as energy_kwh,
    case
        when p.total_cost_excl_vat is not null then 'session'
        when m.price_per_kwh is not null and p.energy_kwh is not null
            and coalesce(p.currency, m.currency) = m.currency then 'mean'
        else 'unknown'
    end as basis,
    case basis
        when 'session'
            then cast(round(cast(p.total_cost_excl_vat * p.share as double), 2) as decimal(18, 6))
        when 'mean' then cast(round(p.energy_kwh * p.share * m.price_per_kwh, 2) as decimal(18, 6))
    end as amount_excl_vat,
    p.cdr_id, p.actual_excl_vat
from open_parts as p
left join means as m
    on p.partner = m.partner and p.country_code = m.country_code
        and p.party_id = m.party_id and p.month = m.month
