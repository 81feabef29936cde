-- One row for each CDR that has a verdict: whose it is, in which month, and what is to be paid.
-- Conceded: a person let the dispute go, so what was held back is payable after all.
create or replace temp table settle_live as
with dated as (
    select
        c.partner,
        c.country_code,
        c.party_id,
        c.id,
        c.currency,
        c.end_at,
        c.token_country_code,
        c.token_party_id,
        c.total_energy_kwh,
        c.credit,
        c.home_charging_compensation,
        coalesce(a.alpha2, c.country_code) as vat_country,
        -- OCPI has no creation date of a CDR; it is final, so its last_updated is that date.
        case when t.month_basis = 'cdr_date' then coalesce(c.last_updated_at, c.end_at)
            else c.end_at
        end as basis_at,
        t.time_zone as month_zone,
        o.partner is not null as ours
    from core.cdrs as c
    inner join settle_terms as t on c.partner = t.partner
    left join settle_own as o
        on c.partner = o.partner and c.country_code = o.country_code and c.party_id = o.party_id
    left join settle_countries as a on c.country = a.alpha3
),

calendar as (
    -- A zone's clock differs from UTC by whole quarters of an hour: few quarters, many CDRs.
    select
        month_zone,
        quarter,
        strftime(timezone(month_zone, make_timestamptz(quarter * 900000000)), '%Y-%m') as month,
        cast(timezone(month_zone, make_timestamptz(quarter * 900000000)) as date) as day
    from (
        select month_zone, epoch_us(basis_at) // 900000000 as quarter from dated
        union
        select month_zone, epoch_us(end_at) // 900000000 as quarter from dated
    )
),

judged as (
    select
        d.*,
        b.month as natural_month,
        e.day as ended_on,
        r.verdict,
        r.claimed_excl_vat,
        r.claimed_incl_vat,
        r.expected_excl_vat,
        r.payable_excl_vat,
        r.disputed_excl_vat,
        r.rejected_excl_vat,
        r.tariff_source,
        r.credits_id,
        r.cause,
        r.main_rule_id,
        r.rule_ids,
        'D-' || substr(
            sha256(concat_ws('/', d.partner, d.country_code, d.party_id, 'cdr', d.id)), 1, 16
        ) as dispute_id
    from dated as d
    inner join calendar as b
        on d.month_zone = b.month_zone and epoch_us(d.basis_at) // 900000000 = b.quarter
    inner join calendar as e
        on d.month_zone = e.month_zone and epoch_us(d.end_at) // 900000000 = e.quarter
    inner join recon.cdrs as r
        on d.partner = r.partner and d.country_code = r.country_code
        and d.party_id = r.party_id and d.id = r.id
)

select
    j.partner,
    case when j.ours then coalesce(j.token_country_code, j.country_code)
        else j.country_code
    end as country_code,
    case when j.ours then coalesce(j.token_party_id, j.party_id) else j.party_id end as party_id,
    j.currency,
    case when j.ours <> j.home_charging_compensation then 'receivable' else 'payable' end
        as direction,
    case when j.home_charging_compensation then 'home_charging' else 'roaming' end as section,
    j.country_code as cdr_country_code,
    j.party_id as cdr_party_id,
    j.id as cdr_id,
    j.natural_month,
    j.basis_at,
    j.ended_on,
    j.verdict,
    j.credit,
    case when j.credit then -j.total_energy_kwh else j.total_energy_kwh end as energy_kwh,
    j.claimed_excl_vat,
    case when k.dispute_id is null then j.payable_excl_vat
        else j.payable_excl_vat + j.disputed_excl_vat + j.rejected_excl_vat
    end as payable_excl_vat,
    case when k.dispute_id is null then j.disputed_excl_vat
        else j.disputed_excl_vat - j.disputed_excl_vat
    end as disputed_excl_vat,
    case when k.dispute_id is null then j.rejected_excl_vat
        else j.rejected_excl_vat - j.rejected_excl_vat
    end as rejected_excl_vat,
    j.expected_excl_vat,
    case when k.dispute_id is null then 0 else j.disputed_excl_vat + j.rejected_excl_vat end
        as conceded_excl_vat,
    j.claimed_incl_vat,
    j.vat_country,
    j.tariff_source,
    j.credits_id,
    j.dispute_id,
    j.cause,
    j.main_rule_id,
    j.rule_ids as rules,
    f.message
from judged as j
left join settle_conceded as k on j.dispute_id = k.dispute_id
left join recon.findings as f
    on j.partner = f.partner and j.country_code = f.country_code and j.party_id = f.party_id
    and f.subject = 'cdr' and j.id = f.subject_id and j.main_rule_id = f.rule_id
