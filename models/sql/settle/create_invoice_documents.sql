-- invoice_documents: each invoice with the month it is about, its place in the sequence, and what took it
-- back: the corrected invoice (384) that replaces it, or the credit note of its whole amount.
create or replace temp table invoice_documents as
with months as (
    select m.i, mode(c.natural_month) as month
    from invoice_matches as m
    inner join invoice_cdrs as c on m.c = c.c
    group by m.i
),

correctors as (
    select i, partner, country_code, party_id, lower(trim(unnest(corrects))) as number_key
    from invoice_heads
),

corrected as (
    select k.i, max(e.issued_on) as issued_on
    from correctors as k
    inner join invoice_heads as e
        on k.partner = e.partner and k.country_code = e.country_code
            and k.party_id = e.party_id and k.number_key = lower(e.number)
    group by k.i
),

ordered as (
    select
        h.*,
        -- What corrects another comes after it, whichever of them was taken in, or is dated, first.
        row_number() over (
            order by greatest(h.issued_on, e.issued_on), k.i is not null, h.import_order
        ) as place,
        h.stated_month is null
        and coalesce(strftime(h.period_from, '%Y-%m') < strftime(h.period_to, '%Y-%m'), false)
            as is_of_several_months,
        coalesce(
            h.stated_month,
            case when strftime(h.period_from, '%Y-%m') = strftime(h.period_to, '%Y-%m')
                    then strftime(h.period_from, '%Y-%m')
            end,
            m.month,
            strftime(h.issued_on - interval 1 month, '%Y-%m')
        ) as month,
        not exists (select 1 from invoice_matches as k where h.i = k.i)
        and not exists (
            select 1 from invoice_rows as r
            where h.i = r.i
                and (
                    r.cdr_reference is not null or r.session_reference is not null
                    or r.evse_id is not null
                )
        ) as is_sum
    from invoice_heads as h
    left join months as m on h.i = m.i
    left join corrected as e on h.i = e.i
    left join (select distinct i from correctors) as k on h.i = k.i
),

named as (
    select
        o.i, o.place, o.type_code, o.is_credit, o.is_sum, o.total_excl_vat,
        o.partner, o.country_code, o.party_id, lower(trim(unnest(o.corrects))) as number_key
    from ordered as o
),

corrections as (
    select
        n.i as corrector, e.i as corrected, n.type_code, n.is_credit, n.is_sum, n.total_excl_vat
    from named as n
    inner join ordered as e
        on n.partner = e.partner and n.country_code = e.country_code and n.party_id = e.party_id
            and n.number_key = lower(e.number) and n.place > e.place
)

select
    o.*,
    (select min(k.corrector) from corrections as k where o.i = k.corrected and k.type_code = '384')
        as replaced_by,
    (select min(k.corrected) from corrections as k where o.i = k.corrector) as corrected,
    coalesce(len(o.corrects), 0) > 0
    and not exists (select 1 from corrections as k where o.i = k.corrector) as is_reference_unknown,
    o.is_sum and o.is_credit
    and exists (select 1 from corrections as k where o.i = k.corrector) as is_credit_of_whole,
    coalesce(
        (
            select sum(k.total_excl_vat) from corrections as k
            where o.i = k.corrected and k.is_credit
        ), 0
    ) as credited_excl_vat
from ordered as o
