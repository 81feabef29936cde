-- One row for each statement of an open month that was touched: sums over its lines and its VAT.
-- The lines are added up once, by what the figures tell apart.
insert into settle.statements by name
with open_lines as (
    select * from settle.statement_lines
    semi join settle_touched using (partner, month)
    anti join settle_locked using (partner, month)
),

parts as (
    select
        partner, country_code, party_id, month, currency, direction, section,
        verdict,
        kind,
        credit,
        month <> natural_month as is_late,
        claimed_excl_vat is null as is_unstated,
        is_repriced(kind, verdict, claimed_excl_vat, expected_excl_vat, cause, rules)
            as is_repriced,
        expected_published_excl_vat is not null and expected_agreement_excl_vat is not null
            as has_agreement,
        count(*) as line_count,
        sum(energy_kwh) as energy_kwh,
        sum(claimed_excl_vat) as claimed_excl_vat,
        sum(payable_excl_vat) as payable_excl_vat,
        sum(disputed_excl_vat) as disputed_excl_vat,
        sum(rejected_excl_vat) as rejected_excl_vat,
        sum(expected_excl_vat) as expected_excl_vat,
        sum(claimed_excl_vat - expected_excl_vat) as difference_excl_vat,
        sum(abs(expected_excl_vat)) as matched_excl_vat,
        sum(expected_published_excl_vat) as expected_published_excl_vat,
        sum(expected_agreement_excl_vat) as expected_agreement_excl_vat,
        sum(conceded_excl_vat) as conceded_excl_vat,
        sum(settled_excl_vat) as settled_excl_vat,
        sum(greatest(rejected_excl_vat - coalesce(settled_excl_vat, 0), 0))
            as rejected_charges_excl_vat,
        sum(least(rejected_excl_vat - coalesce(settled_excl_vat, 0), 0))
            as rejected_credits_excl_vat,
        sum(claimed_incl_vat) as claimed_incl_vat,
        bool_and(claimed_incl_vat is not null or claimed_excl_vat is null) as incl_vat_known,
        bool_and(fx_date is not null) as rate_known,
        sum(claimed_reporting_excl_vat) as claimed_reporting_excl_vat,
        sum(payable_reporting_excl_vat) as payable_reporting_excl_vat,
        sum(disputed_reporting_excl_vat) as disputed_reporting_excl_vat
    from open_lines
    group by all
),

taxed as (
    select
        partner, country_code, party_id, month, currency, direction, section,
        case when bool_and(vat_amount is not null) then sum(vat_amount) end as payable_vat,
        coalesce(sum(payable_excl_vat) filter (where vat_bucket = 'unknown'), 0)
            as vat_unknown_excl_vat
    from settle.statement_vat
    group by all
),

summed as (
    select
        partner, country_code, party_id, month, currency, direction, section,
        coalesce(sum(line_count) filter (where kind = 'cdr'), 0) as cdr_count,
        coalesce(sum(line_count) filter (where kind = 'cdr' and verdict = 'agreed'), 0)
            as agreed_count,
        coalesce(sum(line_count) filter (where kind = 'cdr' and verdict = 'tolerated'), 0)
            as tolerated_count,
        coalesce(sum(line_count) filter (where kind = 'cdr' and verdict = 'underclaimed'), 0)
            as underclaimed_count,
        coalesce(sum(line_count) filter (where kind = 'cdr' and verdict = 'overclaimed'), 0)
            as overclaimed_count,
        coalesce(sum(line_count) filter (where kind = 'cdr' and verdict = 'disputed'), 0)
            as disputed_count,
        coalesce(sum(line_count) filter (where kind = 'cdr' and verdict = 'unpriceable'), 0)
            as unpriceable_count,
        coalesce(sum(line_count) filter (where kind = 'cdr' and verdict = 'rejected'), 0)
            as rejected_count,
        coalesce(sum(line_count) filter (where kind = 'cdr' and verdict = 'credited'), 0)
            as credited_count,
        coalesce(sum(line_count) filter (where kind = 'cdr' and is_unstated), 0) as unstated_count,
        coalesce(sum(line_count) filter (where kind = 'cdr' and credit), 0) as credit_count,
        coalesce(sum(line_count) filter (where kind = 'cdr' and is_late), 0) as late_count,
        coalesce(sum(line_count) filter (where kind = 'correction'), 0) as correction_count,
        sum(energy_kwh) as energy_kwh,
        coalesce(sum(claimed_excl_vat), 0) as claimed_excl_vat,
        coalesce(sum(payable_excl_vat), 0) as payable_excl_vat,
        coalesce(sum(disputed_excl_vat), 0) as disputed_excl_vat,
        coalesce(sum(rejected_excl_vat), 0) as rejected_excl_vat,
        coalesce(sum(line_count) filter (where is_repriced), 0) as repriced_count,
        coalesce(sum(claimed_excl_vat) filter (where is_repriced), 0) as repriced_claimed_excl_vat,
        coalesce(sum(expected_excl_vat) filter (where is_repriced), 0) as expected_excl_vat,
        sum(claimed_excl_vat) filter (where is_repriced and has_agreement)
            as agreement_claimed_excl_vat,
        sum(expected_published_excl_vat) filter (where is_repriced and has_agreement)
            as expected_published_excl_vat,
        sum(expected_agreement_excl_vat) filter (where is_repriced and has_agreement)
            as expected_agreement_excl_vat,
        coalesce(sum(payable_excl_vat) filter (where kind = 'fee'), 0) as fees_excl_vat,
        coalesce(sum(claimed_excl_vat) filter (where verdict = 'agreed'), 0) as agreed_excl_vat,
        coalesce(sum(difference_excl_vat) filter (where verdict = 'tolerated'), 0)
            as tolerated_difference_excl_vat,
        coalesce(sum(matched_excl_vat) filter (where verdict in ('agreed', 'tolerated')), 0)
            as matched_excl_vat,
        coalesce(sum(payable_excl_vat) filter (where credit), 0) as credited_excl_vat,
        coalesce(sum(conceded_excl_vat), 0) as conceded_excl_vat,
        coalesce(sum(settled_excl_vat), 0) as settled_excl_vat,
        coalesce(sum(rejected_charges_excl_vat), 0) as rejected_charges_excl_vat,
        coalesce(sum(rejected_credits_excl_vat), 0) as rejected_credits_excl_vat,
        case when bool_and(incl_vat_known) then sum(claimed_incl_vat) end as claimed_incl_vat,
        case when bool_and(rate_known) then $reporting end as reporting_currency,
        case when bool_and(rate_known) then coalesce(sum(claimed_reporting_excl_vat), 0) end
            as claimed_reporting_excl_vat,
        case when bool_and(rate_known) then coalesce(sum(payable_reporting_excl_vat), 0) end
            as payable_reporting_excl_vat,
        case when bool_and(rate_known) then coalesce(sum(disputed_reporting_excl_vat), 0) end
            as disputed_reporting_excl_vat
    from parts
    group by all
),

counted as (
    select
        s.* exclude (matched_excl_vat),
        0 as disputed_0_30_days_excl_vat,
        0 as disputed_31_60_days_excl_vat,
        0 as disputed_61_90_days_excl_vat,
        0 as disputed_over_90_days_excl_vat,
        coalesce(p.status, 'open') as status,
        t.billing,
        t.reverse_charge,
        greatest(
            t.tolerance_absolute, cast(
                t.tolerance_relative * cast(s.matched_excl_vat as decimal(24, 6)) as decimal(24, 6)
            )
        ) as tolerance_excl_vat,
        case when v.vat_unknown_excl_vat is null then 0 else v.payable_vat end as payable_vat,
        coalesce(v.vat_unknown_excl_vat, 0) as vat_unknown_excl_vat
    from summed as s
    left join taxed as v using (partner, country_code, party_id, month, currency, direction, section)
    inner join settle_month_terms as t
        on s.partner = t.partner and s.month >= t.from_month and s.month < t.until_month
    left join settle_months as p on s.partner = p.partner and s.month = p.month
)

select
    *,
    abs(tolerated_difference_excl_vat) > tolerance_excl_vat as tolerance_exceeded,
    payable_excl_vat + payable_vat as payable_incl_vat,
    sum(
        case
            when section <> 'roaming' then 0
            when direction = 'payable' then payable_excl_vat
            else -payable_excl_vat
        end
    ) over (partition by partner, country_code, party_id, month, currency) as net_excl_vat
from counted
