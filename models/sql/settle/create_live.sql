-- settle_live: one row for each CDR in scope that has a verdict: whose it is, in which month, and
-- what is to be paid. Conceded: a person let the dispute go, so what was held back is payable.
create or replace temp table settle_live as
with dated as (
    select
        c.rowid as n,
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
    where c.rowid in (select n from settle_scope)
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
)

select
    d.n,
    d.partner,
    case when d.ours then coalesce(d.token_country_code, d.country_code)
        else d.country_code
    end as country_code,
    case when d.ours then coalesce(d.token_party_id, d.party_id) else d.party_id end as party_id,
    d.currency,
    case when d.ours <> d.home_charging_compensation then 'receivable' else 'payable' end
        as direction,
    case when d.home_charging_compensation then 'home_charging' else 'roaming' end as section,
    d.country_code as cdr_country_code,
    d.party_id as cdr_party_id,
    d.id as cdr_id,
    b.month as natural_month,
    coalesce(p.posting_month, b.month) as month,
    d.basis_at,
    e.day as ended_on,
    r.verdict,
    d.credit,
    case when d.credit then -d.total_energy_kwh else d.total_energy_kwh end as energy_kwh,
    r.claimed_excl_vat,
    case when k.id is null then r.payable_excl_vat
        else r.payable_excl_vat + r.disputed_excl_vat + r.rejected_excl_vat
    end as payable_excl_vat,
    case when k.id is null then r.disputed_excl_vat
        else r.disputed_excl_vat - r.disputed_excl_vat
    end as disputed_excl_vat,
    case when k.id is null then r.rejected_excl_vat
        else r.rejected_excl_vat - r.rejected_excl_vat
    end as rejected_excl_vat,
    r.expected_excl_vat,
    case when k.id is null then 0 else r.disputed_excl_vat + r.rejected_excl_vat end
        as conceded_excl_vat,
    r.claimed_incl_vat,
    d.vat_country,
    r.tariff_source,
    r.credits_id,
    -- The cause of the finding that weighs most; where it has none, the rule itself says why.
    coalesce(nullif(f.cause, 'unknown'), r.main_rule_id) as cause,
    r.rule_ids as rules,
    f.message
from dated as d
inner join calendar as b
    on d.month_zone = b.month_zone and epoch_us(d.basis_at) // 900000000 = b.quarter
inner join calendar as e
    on d.month_zone = e.month_zone and epoch_us(d.end_at) // 900000000 = e.quarter
inner join recon.cdrs as r
    on d.partner = r.partner and d.country_code = r.country_code
    and d.party_id = r.party_id and d.id = r.id
left join settle_posting as p on d.partner = p.partner and b.month = p.natural_month
left join settle_conceded as k
    on d.partner = k.partner and d.country_code = k.country_code
    and d.party_id = k.party_id and d.id = k.id
left join recon.findings as f
    on d.partner = f.partner and d.country_code = f.country_code and d.party_id = f.party_id
    and f.subject = 'cdr' and d.id = f.subject_id and r.main_rule_id = f.rule_id
