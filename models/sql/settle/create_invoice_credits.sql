-- invoice_credits: what lines of credit notes (n) settle of the disputes of CDRs (c). A credit first takes
-- back what was billed beyond the claim, which an invoice's own findings contest; no credit settles
-- what was billed again. A credit note of all of an invoice credits each of its CDRs.
create or replace temp table invoice_credits as
with wholes as (
    select d.i, d.corrected, d.place, r.n
    from invoice_documents as d
    inner join invoice_documents as w on d.corrected = w.i
    inner join invoice_rows as r on d.i = r.i and r.line_number = 1
    where d.is_credit_of_whole and -d.total_excl_vat >= w.total_excl_vat and w.replaced_by is null
),

credits as (
    select i, n, c, place, line_number, -amount_excl_vat as credited_excl_vat
    from invoice_events
    where is_credit and claimed_excl_vat > 0
    union all
    select w.i, w.n, e.c, w.place, 1 as line_number, sum(e.amount_excl_vat) as credited_excl_vat
    from wholes as w
    inner join invoice_events as e on w.corrected = e.i and not e.is_credit
    where e.claimed_excl_vat > 0
    group by all
),

billed as (
    select
        c,
        any_value(claimed_excl_vat) as claimed_excl_vat,
        any_value(payable_excl_vat) as payable_excl_vat,
        coalesce(sum(amount_excl_vat) filter (where not is_credit), 0) as billed_excl_vat
    from invoice_events
    where c in (select c from credits)
    group by c
),

settled as (
    select
        b.c,
        least(
            b.claimed_excl_vat - b.payable_excl_vat,
            k.credited_excl_vat - greatest(b.billed_excl_vat - b.claimed_excl_vat, 0)
        ) as settled_excl_vat
    from billed as b
    inner join (
        select c, sum(credited_excl_vat) as credited_excl_vat from credits group by c
    ) as k on b.c = k.c
),

lines as (
    select
        k.*, s.settled_excl_vat,
        sum(k.credited_excl_vat) over (
            partition by k.c order by k.place, k.line_number
            rows between unbounded preceding and current row
        ) as credited_after
    from credits as k
    inner join settled as s on k.c = s.c
    where s.settled_excl_vat > 0
)

select
    i, n, c,
    cast(
        least(credited_after, settled_excl_vat)
        - least(credited_after - credited_excl_vat, settled_excl_vat) as decimal(18, 6)
    ) as credited_excl_vat
from lines
where credited_after - credited_excl_vat < settled_excl_vat
union all
-- An invoice of sums names no CDR: all that it is about are credited.
select distinct w.i, w.n, c.c, c.claimed_excl_vat - c.payable_excl_vat as credited_excl_vat
from wholes as w
inner join invoice_units as u on w.corrected = u.i and not u.is_repeated
inner join invoice_cdrs as c on u.c = c.c
where c.claimed_excl_vat > c.payable_excl_vat
