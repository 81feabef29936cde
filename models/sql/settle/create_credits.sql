-- settle_credits: what credits gave back, by what they credit: a CDR (a credit CDR all of it), its tax, or an
-- invoice that a credit note names. is_note: a credit note did.
create or replace temp table settle_credits as
with released as (
    -- What credit notes gave back of the invoices that they name.
    select
        partner, country_code, party_id, number_key,
        sum(released_excl_vat) as released_excl_vat,
        sum(released_vat) as released_vat,
        list(number order by number) as numbers
    from (
        select
            partner, country_code, party_id, number, released_excl_vat,
            case when is_credit then greatest(-contested_vat, 0) else 0 end as released_vat,
            lower(trim(unnest(corrects))) as number_key
        from settle.invoices
    )
    where released_excl_vat > 0 or released_vat > 0
    group by all
),

in_doubt as (
    -- The tax in doubt of CDRs, beside what they claim.
    select
        f.partner, f.country_code, f.party_id, f.subject_id as id,
        arg_max(f.at_stake_vat, abs(f.at_stake_vat)) as doubt_vat,
        any_value(c.total_cost_excl_vat) as claimed_excl_vat,
        any_value(c.total_cost_incl_vat - c.total_cost_excl_vat) as claimed_vat
    from recon.findings as f
    inner join core.cdrs as c
        on f.partner = c.partner and f.country_code = c.country_code
            and f.party_id = c.party_id and f.subject_id = c.id
    where f.subject = 'cdr' and f.severity in ('dispute', 'fatal')
        and f.rule_id in ('VAT_RATE_MISMATCH', 'VAT_ARITHMETIC', 'REVERSE_CHARGE_VIOLATED')
    group by f.partner, f.country_code, f.party_id, f.subject_id
    having doubt_vat <> 0 and claimed_excl_vat <> 0 and claimed_vat is not null
),

wholes as (
    -- Invoices that a credit note takes back whole, without naming CDRs.
    select n.partner, n.country_code, n.party_id, n.number as credit_number, i.number
    from (
        select
            partner, country_code, party_id, number, total_excl_vat,
            lower(trim(unnest(corrects))) as number_key
        from settle.invoices
        semi join (select * from settle.invoice_lines where match_kind = 'invoice')
            using (partner, country_code, party_id, number)
        where is_credit and verdict <> 'replaced'
    ) as n
    inner join settle.invoices as i
        on n.partner = i.partner and n.country_code = i.country_code
            and n.party_id = i.party_id and n.number_key = lower(i.number)
            and -n.total_excl_vat >= i.total_excl_vat
),

billed as (
    -- Every line about one CDR, and the CDRs of invoices that were taken back whole, for nothing.
    select
        l.partner, l.cdr_country_code as country_code, l.cdr_party_id as party_id, l.cdr_id as id,
        l.amount_excl_vat, vat_unrounded(l.amount_excl_vat, l.vat_rate) as vat,
        case when i.is_credit then l.number end as credit_number,
        not i.is_credit as is_billed
    from settle.invoice_lines as l
    inner join settle.invoices as i using (partner, country_code, party_id, number)
    anti join wholes using (partner, country_code, party_id, number)
    where l.cdr_id is not null and l.vat_rate is not null and i.verdict <> 'replaced'
    union all
    select
        k.partner, k.cdr_country_code, k.cdr_party_id, k.cdr_id, 0, 0, w.credit_number,
        true as is_billed
    from wholes as w
    inner join settle.invoice_cdrs as k using (partner, country_code, party_id, number)
),

taxes as (
    -- What is in doubt once credit notes are taken off: the tax billed beyond the right one on what is
    -- billed. Without an invoice the claim counts as billed.
    select
        d.partner, d.country_code, d.party_id, d.id,
        abs(d.doubt_vat) as doubt_vat,
        sum(b.vat) + case when bool_or(b.is_billed) then 0 else d.claimed_vat end
        - from_micro(
            micro(d.claimed_vat - d.doubt_vat)
            * micro(
                sum(b.amount_excl_vat)
                + case when bool_or(b.is_billed) then 0 else d.claimed_excl_vat end
            )
            // micro(d.claimed_excl_vat)
        ) as left_vat,
        list_sort(list(distinct b.credit_number) filter (where b.credit_number is not null))
            as numbers
    from in_doubt as d
    inner join billed as b using (partner, country_code, party_id, id)
    group by
        d.partner, d.country_code, d.party_id, d.id, d.doubt_vat, d.claimed_vat, d.claimed_excl_vat
    having count(b.credit_number) > 0
)

select
    partner, country_code, party_id, 'cdr' as subject, id as subject_id,
    sum(credited_excl_vat) as credited_excl_vat,
    cast(0 as decimal(18, 6)) as credited_vat,
    list(credited_by order by credited_by) as credited_by,
    bool_or(is_note) as is_note
from (
    select
        partner, cdr_country_code as country_code, cdr_party_id as party_id, cdr_id as id,
        number as credited_by, true as is_note, sum(credited_excl_vat) as credited_excl_vat
    from settle.invoice_cdrs
    where credited_excl_vat > 0
    group by all
    union all
    select
        partner, country_code, party_id, credits_id as id, id as credited_by,
        false as is_note, abs(claimed_excl_vat) as credited_excl_vat
    from recon.cdrs
    where credit and verdict = 'credited' and credits_id is not null
)
group by partner, country_code, party_id, id
union all
select
    i.partner, i.country_code, i.party_id, 'invoice' as subject, i.number as subject_id,
    r.released_excl_vat as credited_excl_vat, r.released_vat as credited_vat,
    r.numbers as credited_by, true as is_note
from settle.invoices as i
inner join released as r
    on i.partner = r.partner and i.country_code = r.country_code
        and i.party_id = r.party_id and lower(i.number) = r.number_key
union all
select
    partner, country_code, party_id, 'vat' as subject, id as subject_id,
    0 as credited_excl_vat,
    cast(doubt_vat - greatest(left_vat, 0) as decimal(18, 6)) as credited_vat,
    numbers as credited_by,
    true as is_note
from taxes
where left_vat < doubt_vat
