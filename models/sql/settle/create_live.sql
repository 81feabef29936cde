-- settle_live: one row for each CDR in this part of the scope that has a verdict: whose it is, in
-- which month, and what is to be paid. Conceded: a person let a dispute go, so what was held back is payable; settled:
-- the partner gave it up, or a credit note took it back, so it is disputed no longer. A decision is
-- bound to the amount and the rules that it named: a later doubt about the same CDR stands, as far as
-- what was conceded leaves anything of the claim.
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
        c.fetched_at,
        c.token_country_code,
        c.token_party_id,
        c.credit,
        c.home_charging_compensation,
        c.total_energy_kwh,
        coalesce(a.alpha2, c.country_code) as vat_country,
        settled_at(t.month_basis, c.end_at, c.last_updated_at, c.fetched_at) as basis_at,
        t.time_zone as month_zone,
        o.partner is not null as ours
    from core.cdrs as c
    inner join settle_terms as t on c.partner = t.partner
    left join settle_own as o
        on c.partner = o.partner and c.country_code = o.country_code and c.party_id = o.party_id
    left join settle_countries as a on c.country = a.alpha3
    anti join settle_superseded as x
        on c.partner = x.partner and c.country_code = x.country_code
            and c.party_id = x.party_id and c.id = x.id
    where c.rowid between $first and $last and c.rowid in (select n from settle_scope)
),

resolutions as (
    select
        k.dispute_id, k.partner, k.country_code, k.party_id, k.id, k.resolution, k.rules,
        -- All of it where an earlier version kept no amount; no more than the rules contest now (at
        -- stake is what is claimed of us: of a credit nothing).
        least(
            coalesce(abs(k.amount_excl_vat), 999999999999),
            case when k.rules is not null and any_value(v.claimed_excl_vat) > 0
                    then coalesce(max(abs(f.at_stake_excl_vat)), 0)
                else 999999999999
            end
        ) as size
    from (
        select *, unnest(coalesce(rules, [cast(null as varchar)])) as rule_id
        from settle_resolutions
        where subject = 'cdr'
    ) as k
    inner join recon.cdrs as v
        on k.partner = v.partner and k.country_code = v.country_code
            and k.party_id = v.party_id and k.id = v.id
    left join recon.findings as f
        on k.partner = f.partner and k.country_code = f.country_code
            and k.party_id = f.party_id and f.subject = 'cdr' and k.id = f.subject_id
            and k.rule_id = f.rule_id and f.severity in ('dispute', 'fatal')
    group by
        k.dispute_id, k.partner, k.country_code, k.party_id, k.id, k.resolution,
        k.amount_excl_vat, k.rules
    having k.rules is null or count(f.rule_id) > 0
),

resolved as (
    select
        partner, country_code, party_id, id,
        coalesce(sum(size) filter (where resolution = 'conceded'), 0) as conceded_size,
        coalesce(sum(size) filter (where resolution = 'settled'), 0) as settled_size
    from resolutions
    group by all
),

doubted as (
    -- What each rule puts at stake beyond what was conceded of it.
    select
        r.partner, r.country_code, r.party_id, r.id, f.rule_id,
        greatest(
            0,
            max(abs(f.at_stake_excl_vat)) - coalesce(
                sum(r.size) filter (where r.rules is null or list_contains(r.rules, f.rule_id)), 0
            )
        ) as size
    from resolutions as r
    inner join recon.findings as f
        on r.partner = f.partner and r.country_code = f.country_code
            and r.party_id = f.party_id and f.subject = 'cdr' and r.id = f.subject_id
    where r.resolution = 'conceded' and f.severity in ('dispute', 'fatal')
    group by all
),

open_doubts as (
    select partner, country_code, party_id, id, max(size) as open_size from doubted group by all
),

judged as (
    select
        r.*,
        r.disputed_excl_vat + r.rejected_excl_vat as contested,
        cast(
            sign(contested) * least(
                abs(contested),
                coalesce(k.conceded_size, 0),
                greatest(
                    0,
                    abs(contested) - coalesce(o.open_size, 0),
                    abs(contested) - abs(r.claimed_excl_vat) + coalesce(k.conceded_size, 0)
                )
            )
            as decimal(18, 6)
        ) as conceded,
        cast(
            sign(contested)
            * least(
                abs(contested) - abs(conceded),
                greatest(coalesce(k.settled_size, 0), coalesce(x.credited_excl_vat, 0))
            )
            as decimal(18, 6)
        ) as settled,
        -- They come out of the disputed amount first, then out of the rejected one.
        case when sign(r.disputed_excl_vat) = sign(contested)
                then sign(contested) * least(abs(conceded), abs(r.disputed_excl_vat))
            else 0
        end as conceded_disputed,
        case when sign(r.disputed_excl_vat) = sign(contested)
                then sign(contested)
                    * least(abs(settled), abs(r.disputed_excl_vat) - abs(conceded_disputed))
            else 0
        end as settled_disputed
    from recon.cdrs as r
    left join resolved as k using (partner, country_code, party_id, id)
    left join open_doubts as o using (partner, country_code, party_id, id)
    left join note_credits() as x using (partner, country_code, party_id, id)
    where (r.partner, r.country_code, r.party_id, r.id) in (
            select (partner, country_code, party_id, id) from dated
        )
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
    -- Compensation goes through the CPO to the driver; OCPI mod_cdrs home_charging_compensation.
    case
        when d.home_charging_compensation then 'compensation'
        when d.ours then 'receivable'
        else 'payable'
    end as direction,
    case when d.home_charging_compensation then 'home_charging' else 'roaming' end as section,
    d.country_code as cdr_country_code,
    d.party_id as cdr_party_id,
    d.id as cdr_id,
    b.month as natural_month,
    -- What came after the month was locked under a former name is late, too.
    coalesce(
        p.posting_month,
        case when o.until_at is null or d.fetched_at > o.until_at then o.posting_month end,
        b.month
    ) as month,
    d.basis_at,
    e.day as ended_on,
    r.verdict,
    d.credit,
    -- A credit that is rejected takes no energy back, one of all its original's energy what that
    -- counts, and one of a part that part of it: it may be in Wh, or fed back.
    case
        when d.credit and r.verdict = 'rejected' then 0
        when d.credit and abs(w.total_energy_kwh) = abs(r.energy_kwh) then -x.energy_kwh
        when d.credit and abs(x.energy_kwh) <> abs(w.total_energy_kwh)
            then -from_micro(
                    micro(x.energy_kwh) * micro(abs(r.energy_kwh)) // micro(abs(w.total_energy_kwh))
                )
        else r.energy_kwh
    end as energy_kwh,
    r.claimed_excl_vat,
    r.payable_excl_vat + r.conceded as payable_excl_vat,
    cast(r.disputed_excl_vat - r.conceded_disputed - r.settled_disputed as decimal(18, 6))
        as disputed_excl_vat,
    cast(
        r.rejected_excl_vat - (r.conceded - r.conceded_disputed) + r.settled_disputed
        as decimal(18, 6)
    ) as rejected_excl_vat,
    r.expected_excl_vat,
    r.expected_published_excl_vat,
    r.expected_agreement_excl_vat,
    coalesce(r.conceded, 0) as conceded_excl_vat,
    coalesce(r.settled, 0) as settled_excl_vat,
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
inner join judged as r
    on d.partner = r.partner and d.country_code = r.country_code
        and d.party_id = r.party_id and d.id = r.id
-- A condition on one side alone would make the engine compare each with each.
left join recon.cdrs as x
    on d.partner = x.partner and d.country_code = x.country_code and d.party_id = x.party_id
        and case when d.credit then r.credits_id end = x.id
left join core.cdrs as w
    on x.partner = w.partner and x.country_code = w.country_code
        and x.party_id = w.party_id and x.id = w.id
left join settle_posting as p on d.partner = p.partner and b.month = p.natural_month
left join settle_former_posting as o
    on d.partner = o.partner and d.country_code = o.country_code and d.party_id = o.party_id
        and b.month = o.natural_month
left join recon.findings as f
    on d.partner = f.partner and d.country_code = f.country_code and d.party_id = f.party_id
        and f.subject = 'cdr' and d.id = f.subject_id and r.main_rule_id = f.rule_id
