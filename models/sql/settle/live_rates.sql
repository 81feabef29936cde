-- How the payable amount of each CDR divides over VAT rates, as weights.
-- In this order: the rates of the tariff that priced it; for a credit those of what it credits;
-- the rate that the claimed totals imply. A CDR without a row here has no known rate.
create or replace temp table settle_rates as
with priced as (
    select
        l.partner,
        l.country_code as cdr_country_code,
        l.party_id as cdr_party_id,
        l.cdr_id,
        l.vat_rate,
        sum(l.amount_excl_vat) as weight
    from rating.lines as l
    inner join settle_live as s
        on l.partner = s.partner and l.country_code = s.cdr_country_code
        and l.party_id = s.cdr_party_id and l.cdr_id = s.cdr_id and l.source = s.tariff_source
    -- A limit or the rounding follows the blend of the rest.
    where l.amount_excl_vat <> 0 and l.dimension not in ('LIMIT', 'ROUNDING')
    group by all
),

complete as (
    select *, count(*) over cdr as rates
    from priced
    window cdr as (partition by partner, cdr_country_code, cdr_party_id, cdr_id)
    qualify bool_and(vat_rate is not null and weight > 0) over cdr
),

credited as (
    select s.partner, s.cdr_country_code, s.cdr_party_id, s.cdr_id, c.vat_rate, c.weight, c.rates
    from settle_live as s
    inner join complete as c
        on s.partner = c.partner and s.cdr_country_code = c.cdr_country_code
        and s.cdr_party_id = c.cdr_party_id and s.credits_id = c.cdr_id
    where s.credit
),

stated as (
    select
        s.*,
        s.claimed_incl_vat - s.claimed_excl_vat as tax,
        -- Whole tenths of a percent, exactly: decimals divide to floating point in this engine.
        cast(
            try_cast(
                (abs({tax_micro}) * 2000 + abs({net_micro})) // (2 * abs({net_micro}))
                as decimal(4, 0)
            ) * 0.1 as decimal(5, 1)
        ) as implied_rate
    from settle_live as s
    anti join complete as c using (partner, cdr_country_code, cdr_party_id, cdr_id)
    anti join credited as k using (partner, cdr_country_code, cdr_party_id, cdr_id)
    where s.claimed_incl_vat <> s.claimed_excl_vat and s.claimed_excl_vat <> 0
),

usual as (
    -- Below a few euros a cent is several percent: the usual rate comes first, if it fits.
    select partner, vat_country, mode(vat_rate order by vat_rate) as vat_rate
    from (
        select s.partner, s.vat_country, c.vat_rate
        from complete as c
        inner join settle_live as s using (partner, cdr_country_code, cdr_party_id, cdr_id)
        union all
        select partner, vat_country, implied_rate
        from stated
        where abs(claimed_excl_vat) >= 20
    )
    group by all
),

candidates as (
    select t.*, round(t.implied_rate, 0) as rate, 2 as preference
    from stated as t
    where abs(t.claimed_excl_vat) >= 2
    union all
    select t.*, t.implied_rate as rate, 3 as preference
    from stated as t
    where abs(t.claimed_excl_vat) >= 20
    union all
    select t.*, u.vat_rate as rate, 1 as preference
    from stated as t
    inner join usual as u using (partner, vat_country)
),

implied as (
    select partner, cdr_country_code, cdr_party_id, cdr_id, rate as vat_rate,
        cast(1 as decimal(18, 6)) as weight, 1 as rates
    from candidates
    where rate > 0
        and abs(
            cast(claimed_excl_vat as decimal(24, 6)) * cast(rate as decimal(7, 4)) * 0.01 - tax
        ) <= 0.01
    qualify row_number() over (
        partition by partner, cdr_country_code, cdr_party_id, cdr_id order by preference, rate
    ) = 1
)

select *, cast(vat_rate as decimal(18, 6)) as rate from complete
union all
select *, cast(vat_rate as decimal(18, 6)) as rate from credited
union all
select *, cast(vat_rate as decimal(18, 6)) as rate from implied
