-- received_lines: each line as settle.invoice_lines has it. What is contested is what findings contest; a
-- credit gives back what was contested before.
create or replace temp table received_lines as
with found as (
    select
        n,
        sum(at_stake_excl_vat) as at_stake_excl_vat,
        list(rule_id order by position) as rules,
        min_by(message, position) as message,
        bool_or(rule_id = 'INVOICE_VAT_RATE_MISMATCH' and severity <> 'warn') as is_vat_rate_wrong
    from received_findings
    where line_number > 0
    group by n
),

contested as (
    select
        l.n,
        case when l.is_replaced then 0
            else least(l.contested_excl_vat, 0) + coalesce(f.at_stake_excl_vat, 0)
        end as contested_excl_vat,
        coalesce(f.rules, []) as rules,
        f.message,
        coalesce(f.is_vat_rate_wrong, false) as is_vat_rate_wrong
    from invoice_line_facts as l
    left join found as f on l.n = f.n
)

select
    d.partner, d.country_code, d.party_id, d.number,
    r.* exclude (i, n),
    l.match_kind, l.cdr_country_code, l.cdr_party_id, l.cdr_id, l.cdr_count, l.claimed_excl_vat,
    case when l.is_replaced then 0
        else cast(r.amount_excl_vat - k.contested_excl_vat as decimal(18, 6))
    end as payable_excl_vat,
    cast(k.contested_excl_vat as decimal(18, 6)) as contested_excl_vat,
    k.rules,
    k.message,
    -- Not columns of the table: what the invoice adds up.
    l.i, l.n,
    l.vat_rate as billed_vat_rate,
    -- No more tax than is billed; a credit takes back what is paid.
    case
        when k.is_vat_rate_wrong and r.amount_excl_vat < 0 then l.expected_vat_rate
        when k.is_vat_rate_wrong then least(l.expected_vat_rate, l.vat_rate)
        else l.vat_rate
    end as payable_vat_rate
from invoice_line_facts as l
inner join invoice_rows as r on l.n = r.n
inner join invoice_documents as d on l.i = d.i
inner join contested as k on l.n = k.n
