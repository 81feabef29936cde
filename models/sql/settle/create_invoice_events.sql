-- invoice_events: lines that bill one CDR, in the order in which the CDR was billed, with what was billed of
-- it before and after. What a corrected invoice takes back, and amounts in another currency than the
-- CDR's, count for nothing.
create or replace temp table invoice_events as
with billed as (
    select
        m.i, m.n, m.c, d.place, r.line_number, r.amount_excl_vat, d.number,
        c.claimed_excl_vat, c.payable_excl_vat, c.tolerance_excl_vat,
        sum(r.amount_excl_vat) over sequence as billed_after,
        row_number() over (partition by m.i, m.c order by r.line_number desc) = 1 as is_last,
        lag(d.number) over sequence as earlier_number
    from invoice_matches as m
    inner join invoice_documents as d on m.i = d.i
    inner join invoice_rows as r on m.n = r.n
    inner join invoice_cdrs as c on m.c = c.c
    where d.replaced_by is null and d.currency = c.currency
    window sequence as (
        partition by m.c order by d.place, r.line_number
        rows between unbounded preceding and current row
    )
),

compared as (
    select
        *,
        billed_after - amount_excl_vat as billed_before,
        case when claimed_excl_vat < 0 then amount_excl_vat > 0 else amount_excl_vat < 0 end as is_credit,
        invoice_due(billed_after, claimed_excl_vat, payable_excl_vat, tolerance_excl_vat)
        - case when billed_after = amount_excl_vat then 0
            else
                invoice_due(
                    billed_after - amount_excl_vat, claimed_excl_vat, payable_excl_vat,
                    tolerance_excl_vat
                )
        end as due_excl_vat
    from billed
),

judged as (
    select
        *,
        not is_credit and abs(billed_before) > tolerance_excl_vat
        and abs(billed_after) > abs(claimed_excl_vat) + tolerance_excl_vat as is_repeated
    from compared
)

select
    * exclude (due_excl_vat, is_last),
    cast(due_excl_vat as decimal(18, 6)) as payable_now_excl_vat,
    case
        when is_repeated or is_credit or not is_last then 0
        when abs(billed_after - claimed_excl_vat) > tolerance_excl_vat
            then billed_after - claimed_excl_vat
        else 0
    end as mismatch_excl_vat
from judged
