-- invoice_candidates: the CDRs that a line may bill, the surest way of knowing first (rank): it names the
-- CDR, or its session; a text on it does; the place and the start are the CDR's. Ids are
-- compared without regard to case; a record's CDR ids have 36 characters, a CDR's 39.
create or replace temp table invoice_candidates as
with lines as (
    select
        r.i, r.n, h.partner, r.amount_excl_vat, r.start_at,
        lower(r.cdr_reference) as cdr_reference,
        lower(r.session_reference) as session_reference,
        r.other_references,
        nullif(replace(replace(replace(upper(r.evse_id), '*', ''), '-', ''), ' ', ''), '') as place_key
    from invoice_rows as r
    inner join invoice_heads as h on r.i = h.i
),

texts as (
    select i, n, partner, cdr_reference as reference, 1 as named from lines
    union all
    select i, n, partner, session_reference, 2 from lines
    union all
    select i, n, partner, lower(unnest(other_references)), 3 from lines
),

found as (
    select t.i, t.n, c.c, case when t.named = 3 then 3 else 1 end as rank
    from texts as t
    inner join invoice_cdrs as c on t.partner = c.partner and left(t.reference, 36) = c.cdr_key
    where length(t.reference) = 36 or t.reference = lower(c.cdr_id)
    union all
    select t.i, t.n, c.c, case when t.named = 3 then 3 else 2 end as rank
    from texts as t
    inner join invoice_cdrs as c on t.partner = c.partner and t.reference = c.session_key
    union all
    select l.i, l.n, c.c, 4 as rank
    from (
        select *, unnest([-1, 0, 1]) + epoch_us(start_at) // 60000000 as near_minute
        from lines
        where place_key is not null and start_at is not null
    ) as l
    inner join invoice_cdrs as c
        on l.partner = c.partner and l.place_key = c.place_key
            and l.near_minute = epoch_us(c.start_at) // 60000000
    where abs(epoch(l.start_at) - epoch(c.start_at)) <= 60
)

select
    f.i, f.n, f.c, min(f.rank) as rank,
    abs(any_value(l.amount_excl_vat) - any_value(c.claimed_excl_vat)) as difference,
    coalesce(abs(epoch(any_value(l.start_at)) - epoch(any_value(c.start_at))), 0) as distance_s
from found as f
inner join lines as l on f.n = l.n
inner join invoice_cdrs as c on f.c = c.c
group by f.i, f.n, f.c
