-- settle_rates: how the payable amount of each CDR divides over VAT rates, as weights.
-- In this order: the country's standard rate where a finding says that another was charged; the
-- rates of the tariff that priced it; the rate that the claimed totals imply. A credit has the rates
-- of what it credits, a corrected one, too: both together come to no tax. A CDR without a row here has no known rate.
create or replace temp table settle_rates as
with wanted as (
    select n, partner, cdr_country_code, cdr_party_id, cdr_id, tariff_source from settle_live
    union all
    -- What a credit credits may be settled already; it has the rates that it always had.
    select
        s.n, r.partner, r.country_code as cdr_country_code, r.party_id as cdr_party_id,
        r.id as cdr_id, r.tariff_source
    from settle_live as s
    inner join recon.cdrs as r
        on s.partner = r.partner and s.cdr_country_code = r.country_code
            and s.cdr_party_id = r.party_id and s.credits_id = r.id
    where s.credit
),

taxed as (
    select
        n, partner, cdr_country_code, cdr_party_id, vat_country, ended_on,
        case when credit then credits_id else cdr_id end as cdr_id
    from settle_live
),

corrected as (
    -- Whoever let that dispute go pays the rate that was charged.
    select s.n, max(u.vat_rate) as vat_rate
    from taxed as s
    inner join recon.findings as f
        on s.partner = f.partner and s.cdr_country_code = f.country_code
            and s.cdr_party_id = f.party_id and f.subject = 'cdr' and s.cdr_id = f.subject_id
            and f.rule_id = 'VAT_RATE_MISMATCH' and f.severity in ('dispute', 'fatal')
    inner join settle_standard_rates as u
        on s.vat_country = u.country and s.ended_on >= u.first_on and s.ended_on < u.until_on
    anti join (
        select partner, country_code, party_id, id from settle_resolutions
        where subject = 'vat' and resolution = 'conceded'
    ) as k
        on s.partner = k.partner and s.cdr_country_code = k.country_code
            and s.cdr_party_id = k.party_id and s.cdr_id = k.id
    group by s.n
),

lines as (
    select w.n, unnest(r.lines) as line
    from rating.cdrs as r
    inner join wanted as w
        on r.partner = w.partner and r.country_code = w.cdr_country_code
            and r.party_id = w.cdr_party_id and r.cdr_id = w.cdr_id and r.source = w.tariff_source
),

priced as (
    select n, line.vat_rate as vat_rate, sum(line.amount_excl_vat) as weight
    from lines
    -- LIMIT and ROUNDING (rating.lines, dimensions 5 and 6) follow the blend of the rest.
    where line.amount_excl_vat <> 0 and line.dimension not in (5, 6)
    group by all
),

complete as (
    select n, count(*) as rates
    from priced
    where n not in (select n from corrected)
    group by n
    having bool_and(vat_rate is not null and weight > 0)
),

stated as (
    select
        s.*,
        s.claimed_incl_vat - s.claimed_excl_vat as tax,
        case m.decimals when 0 then 1 when 3 then 0.001 when 4 then 0.0001 else 0.01 end as unit,
        -- Whole tenths of a percent, exactly: decimals divide to floating point in this engine.
        cast(
            try_cast(
                (
                    abs(micro(s.claimed_incl_vat - s.claimed_excl_vat)) * 2000
                    + abs(micro(s.claimed_excl_vat))
                )
                // (2 * abs(micro(s.claimed_excl_vat)))
                as decimal(4, 0)
            ) * 0.1 as decimal(5, 1)
        ) as implied_rate
    from settle_live as s
    left join settle_minor_units as m on s.currency = m.currency
    anti join (select n from complete union all select n from corrected) as c on s.n = c.n
    where s.claimed_incl_vat <> s.claimed_excl_vat and s.claimed_excl_vat <> 0
),

candidates as (
    -- Below a few euros a cent is several percent: the country's own rate comes first, if it fits.
    select t.*, u.vat_rate as rate, 1 as preference
    from stated as t
    inner join settle_standard_rates as u
        on t.vat_country = u.country and t.ended_on >= u.first_on and t.ended_on < u.until_on
    union all
    select t.*, round(t.implied_rate, 0) as rate, 2 as preference
    from stated as t
    where abs(t.claimed_excl_vat) >= 200 * t.unit
    union all
    select t.*, t.implied_rate as rate, 3 as preference
    from stated as t
    where abs(t.claimed_excl_vat) >= 2000 * t.unit
),

implied as (
    select n, rate as vat_rate, cast(1 as decimal(18, 6)) as weight, 1 as rates
    from candidates
    where rate > 0
        and abs(
            cast(claimed_excl_vat as decimal(24, 6)) * cast(rate as decimal(7, 4)) * 0.01 - tax
        ) <= unit
    qualify row_number() over (partition by n order by preference, rate) = 1
)

select n, cast(p.vat_rate as decimal(18, 6)) as rate, p.weight, c.rates
from priced as p
inner join complete as c using (n)
union all
select n, cast(vat_rate as decimal(18, 6)) as rate, weight, rates
from implied
union all
select n, vat_rate as rate, cast(1 as decimal(18, 6)) as weight, 1 as rates
from corrected
