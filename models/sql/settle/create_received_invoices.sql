-- received_invoices: each invoice as settle.invoices has it.
create or replace temp table received_invoices as
with found as (
    select
        i,
        list_distinct(list(rule_id order by position)) as rules,
        coalesce(sum(at_stake_excl_vat) filter (where line_number = 0), 0) as at_stake_excl_vat,
        coalesce(sum(at_stake_vat), 0) as at_stake_vat,
        coalesce(
            sum(at_stake_excl_vat) filter (where rule_id = 'INVOICE_CHARGE'), 0
        ) as charge_excl_vat,
        bool_or(rule_id = 'INVOICE_ARITHMETIC' and severity <> 'warn') as is_sum_wrong
    from received_findings
    group by i
),

lines as (
    select
        i,
        count(*) as line_count,
        count(*) filter (where match_kind <> 'none') as matched_count,
        coalesce(bool_or(payable_vat_rate <> billed_vat_rate), false) as is_rate_wrong,
        coalesce(sum(contested_excl_vat), 0) as contested_excl_vat
    from received_lines
    group by i
),

cdrs as (
    select k.i, count(*) as cdr_count, sum(c.claimed_excl_vat) as claimed_excl_vat
    from (select distinct i, c from invoice_cdr_links) as k
    inner join invoice_cdrs as c on k.c = c.c
    group by k.i
),

rates as (
    select
        l.i, l.payable_vat_rate,
        vat_of(sum(l.payable_excl_vat), l.payable_vat_rate, any_value(u.decimals)) as vat_amount,
        sum(l.payable_excl_vat) as payable_excl_vat
    from received_lines as l
    inner join invoice_documents as d on l.i = d.i
    left join settle_minor_units as u on d.currency = u.currency
    group by l.i, l.payable_vat_rate
),

taxed as (
    select
        i,
        case when bool_and(vat_amount is not null or payable_excl_vat = 0)
                then coalesce(sum(vat_amount), 0)
        end as payable_vat
    from rates
    group by i
),

added as (
    select
        d.*,
        coalesce(l.line_count, 0) as line_count,
        coalesce(l.matched_count, 0) as matched_count,
        coalesce(l.is_rate_wrong, false) as is_rate_wrong,
        coalesce(c.cdr_count, 0) as cdr_count,
        coalesce(c.claimed_excl_vat, 0) as claimed_excl_vat,
        case
            when d.replaced_by is not null then 0
            when f.is_sum_wrong
                then least(
                        d.total_excl_vat,
                        v.lines_excl_vat - coalesce(l.contested_excl_vat, 0) - f.charge_excl_vat
                    )
            else d.total_excl_vat - coalesce(l.contested_excl_vat, 0)
                - coalesce(f.at_stake_excl_vat, 0)
        end as payable_excl_vat,
        coalesce(f.at_stake_vat, 0) as at_stake_vat,
        x.payable_vat as payable_vat_by_rate,
        v.statement_claimed_excl_vat, v.statement_payable_excl_vat,
        case when d.replaced_by is null then v.missing_count else 0 end as missing_count,
        case when d.replaced_by is null then v.missing_excl_vat else 0 end as missing_excl_vat,
        coalesce(f.rules, []) as rules,
        coalesce(b.released_excl_vat, 0) as released_excl_vat
    from invoice_documents as d
    inner join invoice_facts as v on d.i = v.i
    left join invoice_releases as b on d.i = b.i
    left join lines as l on d.i = l.i
    left join cdrs as c on d.i = c.i
    left join taxed as x on d.i = x.i
    left join found as f on d.i = f.i
),

alone as (
    select
        *,
        case when replaced_by is not null then total_excl_vat else 0 end as taken_back_excl_vat,
        case when replaced_by is not null then 0 else total_excl_vat - payable_excl_vat end
            as contested_excl_vat,
        case
            when replaced_by is not null then 0
            -- A credit at a wrong rate gives back the tax that was in doubt, which nobody paid.
            when payable_excl_vat = total_excl_vat and at_stake_vat = 0
                and not (is_credit and is_rate_wrong) then total_vat
            when allowances_excl_vat <> 0 or charges_excl_vat <> 0 then null
            else payable_vat_by_rate
        end as payable_vat,
        case
            when replaced_by is not null then 'replaced'
            when total_excl_vat > 0 and payable_excl_vat <= 0 then 'refuse'
            when payable_excl_vat < total_excl_vat or at_stake_vat > 0 then 'pay_part'
            else 'pay'
        end as verdict
    from added
),

judged as (
    -- A credit note of the whole takes off the tax that is paid of it, not that in doubt.
    select
        j.* replace (
            case
                when j.is_credit_of_whole and -j.total_excl_vat = w.total_excl_vat
                    and j.payable_vat is not null then -w.payable_vat
                else j.payable_vat
            end as payable_vat
        )
    from alone as j
    left join alone as w on j.corrected = w.i
)

select
    j.* exclude (
        replaced_by, corrected, is_credit_of_whole, is_reference_unknown, is_sum, is_rate_wrong
    ),
    case when j.replaced_by is not null then 0 else j.total_vat - j.payable_vat end as contested_vat,
    j.payable_excl_vat + j.payable_vat as payable_incl_vat,
    case j.verdict
        when 'replaced' then 'Replaced by invoice ' || e.number || '.'
        when 'refuse'
            then 'Refuse: nothing of ' || format('{:,.2f} ', j.total_excl_vat) || j.currency || ' is due.'
        when 'pay_part'
            then 'Pay ' || format('{:,.2f}', j.payable_excl_vat) || ' of '
                || format('{:,.2f} ', j.total_excl_vat) || j.currency || ' before taxes'
                || case when j.payable_excl_vat < j.total_excl_vat
                        then '; contest ' || format('{:,.2f}', j.contested_excl_vat)
                    else ''
                end
                || case when j.at_stake_vat > 0
                        then '; tax of ' || format('{:,.2f}', j.at_stake_vat) || ' is in doubt'
                    else ''
                end
                || '.'
        when 'pay'
            then case when j.total_excl_vat >= 0
                        then 'Pay in full: ' || format('{:,.2f} ', j.total_excl_vat) || j.currency
                            || ' before taxes.'
                    else 'Accept the credit of ' || format('{:,.2f} ', -j.total_excl_vat) || j.currency
                        || ' before taxes'
                        || case when j.contested_excl_vat < 0
                                then '; ' || format('{:,.2f}', -j.contested_excl_vat)
                                    || ' of it was contested'
                            else ''
                        end
                        || '.'
                end
    end as message
from judged as j
left join invoice_documents as e on j.replaced_by = e.i
