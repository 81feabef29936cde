-- invoice_sums: lines of sums. Each unit's amount is held against the claims of its CDRs; what of it is not
-- due comes off its lines in their order.
create or replace temp table invoice_sums as
with claims as (
    select
        u.unit, u.i, min(u.n) as n,
        bool_and(u.is_repeated) as is_repeated,
        count(*) as cdr_count,
        sum(c.claimed_excl_vat) as claimed_excl_vat,
        sum(c.payable_excl_vat) as payable_excl_vat,
        list_distinct(flatten(list(c.vat_rates))) as vat_rates,
        bool_and(c.vat_rates is not null) as is_vat_known,
        bool_or(c.currency <> d.currency) as is_foreign,
        min(c.currency) as cdr_currency,
        max(c.natural_month) as natural_month,
        bool_and(d.is_of_several_months and c.basis_on between d.period_from and d.period_to)
            as is_in_period
    from invoice_units as u
    inner join invoice_cdrs as c on u.c = c.c
    inner join invoice_documents as d on u.i = d.i
    group by u.unit, u.i
),

lines as (
    -- A unit named for one line has that line, the other one has all of its invoice.
    select r.n, r.i, r.amount_excl_vat, k.* exclude (n, i)
    from invoice_rows as r
    inner join claims as k
        on r.i = k.i and (k.unit = cast(r.i as varchar) or k.n = r.n)
),

summed as (
    select
        *,
        sum(amount_excl_vat) over (partition by unit) as billed_excl_vat,
        coalesce(
            sum(greatest(amount_excl_vat, 0)) over (
                partition by unit order by n rows between unbounded preceding and 1 preceding
            ), 0
        ) as before_excl_vat,
        row_number() over (partition by unit order by n) = 1 as is_first
    from lines
),

due as (
    select
        s.*,
        t.tolerance_absolute,
        s.billed_excl_vat - case when s.is_repeated or s.is_foreign then least(s.billed_excl_vat, 0)
            else
                invoice_due(
                    s.billed_excl_vat, s.claimed_excl_vat, s.payable_excl_vat, t.tolerance_absolute
                )
        end as held_back_excl_vat
    from summed as s
    inner join invoice_documents as d on s.i = d.i
    inner join settle_month_terms as t
        on d.partner = t.partner and d.month >= t.from_month and d.month < t.until_month
)

select
    *,
    cast(
        greatest(
            least(held_back_excl_vat - before_excl_vat, greatest(amount_excl_vat, 0)),
            case when is_first then least(held_back_excl_vat, 0) else 0 end
        ) as decimal(18, 6)
    ) as contested_excl_vat,
    case when is_first and not is_repeated and not is_foreign
            and abs(billed_excl_vat - claimed_excl_vat) > tolerance_absolute
            then billed_excl_vat - claimed_excl_vat
        else 0
    end as mismatch_excl_vat
from due
