-- invoice_facts: each invoice as a whole: its sums, its tax, the record of its number, the CDRs of its
-- period that no invoice lists.
create or replace temp table invoice_facts as
with lines as (
    select i, sum(amount_excl_vat) as lines_excl_vat from invoice_rows group by i
),

taxes as (
    select
        t.i,
        sum(t.taxable_excl_vat) as taxable_excl_vat,
        sum(t.vat_amount) as vat_amount,
        sum(
            t.vat_amount - coalesce(
                vat_of(t.taxable_excl_vat, t.vat_rate, u.decimals), t.vat_amount
            )
        ) as vat_excess
    from invoice_taxes as t
    inner join invoice_documents as d on t.i = d.i
    left join settle_minor_units as u on d.currency = u.currency
    group by t.i
),

listed as (
    select k.c, k.i, d.is_credit
    from invoice_cdr_links as k
    inner join invoice_documents as d on k.i = d.i
    where d.replaced_by is null
),

statements as (
    select
        c.partner, c.country_code, c.party_id, c.month, c.currency,
        sum(c.claimed_excl_vat) as claimed_excl_vat, sum(c.payable_excl_vat) as payable_excl_vat
    from invoice_cdrs as c
    group by all
),

latest as (
    select i from invoice_documents
    where not is_credit and replaced_by is null
    qualify
        row_number() over (
            partition by partner, country_code, party_id, month, currency order by place desc
        ) = 1
),

missing as (
    select
        d.i, count(*) as missing_count, sum(c.claimed_excl_vat) as missing_excl_vat,
        array_to_string(list_slice(list(c.cdr_id order by c.cdr_id), 1, 3), ', ') as missing_ids
    from invoice_documents as d
    inner join invoice_cdrs as c
        on d.partner = c.partner and d.country_code = c.country_code
            and d.party_id = c.party_id and d.currency = c.currency
            and is_of_invoice(
                c.month, c.basis_on, d.month, d.is_of_several_months, d.period_from, d.period_to
            )
    where d.i in (select i from latest)
        and c.claimed_excl_vat <> 0
        and c.c not in (select c from listed where not is_credit)
    group by d.i
),

records as (
    select distinct d.i, left(lower(unnest(e.cdr_ids)), 36) as cdr_key
    from core.invoices as e
    inner join invoice_documents as d
        on e.partner = d.partner and lower(e.invoice_id) = lower(d.number)
    where e.valid_to_at is null
),

compared as (
    select
        coalesce(r.i, o.i) as i,
        count(*) filter (where o.i is null) as only_on_record_count,
        count(*) filter (where r.i is null) as only_on_invoice_count
    from records as r
    full join (
        select distinct k.i, c.cdr_key
        from invoice_cdr_links as k
        inner join invoice_cdrs as c on k.c = c.c
        where k.i in (select i from records)
    ) as o on r.i = o.i and r.cdr_key = o.cdr_key
    group by all
)

select
    d.i, d.i as n, d.partner, d.country_code, d.party_id, d.number as subject_id, d.currency,
    0 as line_number,
    d.total_excl_vat, d.total_vat, d.total_incl_vat, d.allowances_excl_vat, d.charges_excl_vat,
    d.month, d.replaced_by is not null as is_replaced, d.is_reference_unknown,
    array_to_string(d.corrects, ', ') as corrects,
    coalesce(l.lines_excl_vat, 0) - d.allowances_excl_vat + d.charges_excl_vat as lines_excl_vat,
    t.taxable_excl_vat, t.vat_amount,
    coalesce(t.vat_excess, 0) as vat_excess,
    d.total_excl_vat + d.total_vat as sum_incl_vat,
    s.claimed_excl_vat as statement_claimed_excl_vat,
    s.payable_excl_vat as statement_payable_excl_vat,
    coalesce(m.missing_count, 0) as missing_count,
    coalesce(m.missing_excl_vat, 0) as missing_excl_vat,
    m.missing_ids,
    coalesce(e.only_on_record_count, 0) as only_on_record_count,
    coalesce(e.only_on_invoice_count, 0) as only_on_invoice_count
from invoice_documents as d
left join lines as l on d.i = l.i
left join taxes as t on d.i = t.i
left join statements as s
    on d.partner = s.partner and d.country_code = s.country_code
        and d.party_id = s.party_id and d.month = s.month and d.currency = s.currency
left join missing as m on d.i = m.i
left join compared as e on d.i = e.i
