-- invoice_line_facts: each line with what it was matched with, what of it is not due, and every fact
-- that the rules about lines read.
create or replace temp table invoice_line_facts as
with taxes as (
    select i, any_value(vat_rate) as vat_rate from invoice_taxes group by i having count(*) = 1
),

matched as (
    select
        r.i, r.n,
        case when e.n is not null or m.n is not null then m.kind
            when s.n is not null then 'group'
            when d.is_credit_of_whole then 'invoice'
            else 'none'
        end as match_kind,
        m.c,
        case when m.c is not null then 1 else coalesce(s.cdr_count, 0) end as cdr_count,
        coalesce(c.claimed_excl_vat, s.claimed_excl_vat) as claimed_excl_vat,
        case
            when d.replaced_by is not null then 0
            when e.n is not null then r.amount_excl_vat - e.payable_now_excl_vat
            when s.n is not null then s.contested_excl_vat
            when d.is_credit_of_whole then 0
            else greatest(r.amount_excl_vat, 0)
        end as contested_excl_vat,
        coalesce(e.billed_after, s.billed_excl_vat, r.amount_excl_vat) as billed_excl_vat,
        coalesce(e.is_repeated, s.is_repeated, false) as is_repeated,
        e.earlier_number,
        coalesce(e.mismatch_excl_vat, 0) as mismatch_excl_vat,
        coalesce(s.mismatch_excl_vat, 0) as sum_mismatch_excl_vat,
        coalesce(e.is_credit, false) as is_credit,
        coalesce(m.c is not null and c.currency <> d.currency, false) or coalesce(s.is_foreign, false)
            as is_foreign,
        coalesce(c.currency, s.cdr_currency) as cdr_currency,
        c.natural_month,
        c.month as posting_month,
        coalesce(
            case when c.c is null then s.is_in_period
                else d.is_of_several_months and c.basis_on between d.period_from and d.period_to
            end, false
        ) as is_in_period,
        coalesce(c.vat_rates, case when s.is_vat_known then s.vat_rates end) as vat_rates,
        coalesce(r.vat_rate, t.vat_rate) as vat_rate,
        c.cdr_country_code, c.cdr_party_id, c.cdr_id
    from invoice_rows as r
    inner join invoice_documents as d on r.i = d.i
    left join invoice_matches as m on r.n = m.n
    left join invoice_cdrs as c on m.c = c.c
    left join invoice_events as e on r.n = e.n
    left join invoice_sums as s on r.n = s.n
    left join taxes as t on r.i = t.i
),

parted as (
    select
        m.*,
        -- Of what is not due, first the amount beyond the claim, then what the statement holds back.
        case when m.mismatch_excl_vat > 0
                then least(m.mismatch_excl_vat, greatest(m.contested_excl_vat, 0))
            else 0
        end as overbilled_excl_vat,
        case when m.sum_mismatch_excl_vat > 0
                then least(m.sum_mismatch_excl_vat, greatest(m.contested_excl_vat, 0))
            else 0
        end as sum_overbilled_excl_vat
    from matched as m
)

select
    p.*,
    d.partner, d.country_code, d.party_id, d.number as subject_id, d.currency, d.month,
    r.line_number, r.amount_excl_vat, r.description,
    d.replaced_by is not null as is_replaced,
    coalesce(r.cdr_reference, r.session_reference, r.evse_id, r.line_id) as reference,
    r.cdr_reference is not null or r.session_reference is not null or r.evse_id is not null
        as is_charge,
    v.verdict as cdr_verdict,
    v.main_rule_id as cdr_rule_id,
    p.vat_rates[1] as expected_vat_rate,
    coalesce(not list_contains(p.vat_rates, p.vat_rate), false) as is_vat_rate_wrong,
    case
        when p.is_repeated or p.is_foreign or p.is_credit or p.match_kind = 'none' then 0
        else greatest(p.contested_excl_vat - p.overbilled_excl_vat - p.sum_overbilled_excl_vat, 0)
    end as held_excl_vat
from parted as p
inner join invoice_documents as d on p.i = d.i
inner join invoice_rows as r on p.n = r.n
left join recon.cdrs as v
    on d.partner = v.partner and p.cdr_country_code = v.country_code
        and p.cdr_party_id = v.party_id and p.cdr_id = v.id
