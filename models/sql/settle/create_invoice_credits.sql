-- invoice_credits: what lines of credit notes (n) settle of the disputes of CDRs (c). A credit first takes
-- back what was billed beyond the claim, which an invoice's own findings contest; no credit settles
-- what was billed again.
create or replace temp table invoice_credits as
with billed as (
    select
        c,
        any_value(claimed_excl_vat) as claimed_excl_vat,
        any_value(payable_excl_vat) as payable_excl_vat,
        coalesce(sum(amount_excl_vat) filter (where not is_credit), 0) as billed_excl_vat,
        -sum(amount_excl_vat) filter (where is_credit) as credited_excl_vat
    from invoice_events
    where claimed_excl_vat > 0
    group by c
    having bool_or(is_credit)
),

settled as (
    select
        c,
        least(
            claimed_excl_vat - payable_excl_vat,
            credited_excl_vat - greatest(billed_excl_vat - claimed_excl_vat, 0)
        ) as settled_excl_vat
    from billed
),

lines as (
    select
        e.i, e.n, e.c, s.settled_excl_vat, -e.amount_excl_vat as credited_excl_vat,
        sum(-e.amount_excl_vat) over (
            partition by e.c order by e.place, e.line_number
            rows between unbounded preceding and current row
        ) as credited_after
    from invoice_events as e
    inner join settled as s on e.c = s.c
    where e.is_credit and s.settled_excl_vat > 0
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
-- A credit note of all of an invoice credits each of its CDRs.
select d.i, r.n, c.c, c.claimed_excl_vat - c.payable_excl_vat as credited_excl_vat
from invoice_documents as d
inner join invoice_documents as w on d.corrected = w.i
inner join invoice_rows as r on d.i = r.i and r.line_number = 1
inner join (select distinct i, c from invoice_cdr_links) as k on d.corrected = k.i
inner join invoice_cdrs as c on k.c = c.c
where d.is_credit_of_whole and -d.total_excl_vat >= w.total_excl_vat and w.replaced_by is null
    and c.claimed_excl_vat > c.payable_excl_vat
    and c.c not in (select c from settled where settled_excl_vat > 0)
