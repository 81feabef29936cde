-- invoice_pools: the CDRs that an invoice of sums is about: those that name it, else those that the OCPI
-- invoice reconciliation record of its number lists, else those of its month, or of its period of several. CDRs that another
-- invoice has are left out, unless it has all of them: then they are billed again.
create or replace temp table invoice_pools as
with sums as (
    select * from invoice_documents
    where is_sum and not is_credit_of_whole and replaced_by is null
),

records as (
    select distinct
        i.partner, lower(i.invoice_id) as invoice_key, left(lower(unnest(i.cdr_ids)), 36) as cdr_key
    from core.invoices as i
    where i.valid_to_at is null and i.partner in (select partner from sums)
),

own as (
    select s.i, c.c, 1 as rank
    from sums as s
    inner join invoice_cdrs as c on s.partner = c.partner and lower(s.number) = c.invoice_key
    union all
    select s.i, c.c, 2 as rank
    from sums as s
    inner join records as r on s.partner = r.partner and lower(s.number) = r.invoice_key
    inner join invoice_cdrs as c on s.partner = c.partner and r.cdr_key = c.cdr_key
    union all
    select s.i, c.c, 3 as rank
    from sums as s
    inner join invoice_cdrs as c
        on s.partner = c.partner and s.country_code = c.country_code
            and s.party_id = c.party_id and s.currency = c.currency
            and is_of_invoice(
                c.month, c.basis_on, s.month, s.is_of_several_months, s.period_from, s.period_to
            )
),

chosen as (
    select * from own
    qualify rank = min(rank) over (partition by i)
),

elsewhere as (
    select
        k.i, k.c,
        exists (
            select 1 from invoice_matches as m
            inner join invoice_documents as d on m.i = d.i
            where k.c = m.c and d.replaced_by is null
        )
        or min(s.place) over (partition by k.c) < s.place as is_taken
    from chosen as k
    inner join sums as s on k.i = s.i
)

select i, c, is_taken as is_repeated
from elsewhere
qualify not is_taken or bool_and(is_taken) over (partition by i)
