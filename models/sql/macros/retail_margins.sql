-- What our drivers charged at the places that a choice (JSON) asks for: what our own customers pay for
-- it by a list of retail prices (JSON, as `models.marts.retail` makes it), against what roaming costs,
-- by month or by whose or where it was, of one month or (null) all. Where no price fits a charge, or
-- minutes are to be paid of a stay that nobody believes (over two weeks: dates of another century), it
-- is counted, and neither its price nor its cost is in a sum.
create or replace macro retail_margins(places, in_currency, retail, summed_by, in_month) as table
    with prices as (
        select unnest(
            from_json(
                cast(coalesce(retail, '[]') as json),
                '[{"rank": "INTEGER", "from_on": "DATE", "until_on": "DATE",
                "currency": "VARCHAR", "partner": "VARCHAR", "country": "VARCHAR",
                "operator": "VARCHAR", "power": "VARCHAR", "contract": "VARCHAR",
                "kwh": "DECIMAL(18, 6)", "session": "DECIMAL(18, 6)",
                "minute": "DECIMAL(18, 6)"}]'
            ),
            recursive := true
        )
    ),

    charges as (
        select
            c.ended_on, c.partner, c.country, c.operator, c.power_class, c.counts, c.energy_kwh,
            c.connected_h, c.cost_excl_vat,
            case summed_by
                when 'month' then c.month
                when 'contract' then coalesce(c.contract_id, 'unknown')
                else charge_group(
                        summed_by, c.partner, c.operator, c.country, c.region, c.city,
                        c.power_class, c.location_name
                    )
            end as group_name,
            if(c.contract_id in (select contract from prices), c.contract_id, '') as priced_contract
        from matching_charges(places, 'month', in_currency) as c
        -- What nobody states the cost of has no margin either.
        where c.cost_excl_vat is not null and (in_month is null or c.month = in_month)
    ),

    -- Charges of one day and place have one price; of one contract only where a price names it.
    fitting as (
        select
            c.ended_on, c.partner, c.country, c.operator, c.power_class, c.priced_contract,
            max_by(p.kwh, p.rank) as kwh, max_by(p.session, p.rank) as session,
            max_by(p.minute, p.rank) as minute
        from (
            select distinct ended_on, partner, country, operator, power_class, priced_contract
            from charges
        ) as c
        join prices as p
            on p.currency = in_currency and c.ended_on >= p.from_on
                and (p.until_on is null or c.ended_on < p.until_on)
                and (p.partner is null or c.partner = p.partner)
                and (p.country is null or c.country = p.country)
                and (p.operator is null or c.operator = p.operator)
                and (p.power is null or c.power_class = p.power)
                and (p.contract is null or c.priced_contract = p.contract)
        group by all
    ),

    -- What is charged at one price is added up before it is priced: a million products of decimals
    -- take seconds.
    alike as (
        select
            c.group_name, c.counts, f.kwh, f.session, f.minute,
            c.counts
            and (
                f.partner is null
                or (coalesce(f.minute, 0) <> 0 and coalesce(c.connected_h, 0) > 336)
            ) as unpriced,
            count(*) as charge_count,
            sum(c.energy_kwh) as energy_kwh,
            coalesce(sum(c.connected_h), 0) as connected_h,
            sum(c.cost_excl_vat) as cost_excl_vat
        from charges as c
        left join fitting as f
            on c.ended_on = f.ended_on and c.partner = f.partner and c.country = f.country
                and c.operator = f.operator and c.power_class = f.power_class
                and c.priced_contract = f.priced_contract
        group by all
    ),

    summed as (
        select
            group_name,
            cast(sum(charge_count) filter (where counts and not unpriced) as bigint)
                as charge_count,
            sum(energy_kwh) filter (where counts and not unpriced) as energy_kwh,
            cast(
                sum(kwh * energy_kwh + session * charge_count + minute * 60 * connected_h) filter (
                    where counts and not unpriced
                ) as decimal(18, 6)
            ) as retail_excl_vat,
            sum(cost_excl_vat) filter (where not unpriced) as cost_excl_vat,
            cast(sum(charge_count) filter (where unpriced) as bigint) as unpriced_count
        from alike
        group by group_name
    )

    select
        group_name, in_currency as currency, coalesce(charge_count, 0) as charge_count,
        energy_kwh, retail_excl_vat, cost_excl_vat,
        retail_excl_vat - cost_excl_vat as margin_excl_vat,
        (retail_excl_vat - cost_excl_vat) / nullif(retail_excl_vat, 0) as margin_share,
        coalesce(unpriced_count, 0) as unpriced_count
    from summed
