-- What our drivers charged at the places that a choice (JSON) asks for, with what our own customers
-- pay for it by a list of retail prices (JSON, as `models.marts.retail` makes it); null: none fits, or
-- minutes are to be paid of a stay that nobody believes (over two weeks: dates of another century).
create or replace macro retailed_charges(places, in_currency, retail) as table
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

    -- Charges of one day and place have one price; of one contract only where a price names it.
    fitting as (
        select
            c.ended_on, c.partner, c.country, c.operator, c.power_class, c.priced_contract,
            max_by(p.kwh, p.rank) as kwh, max_by(p.session, p.rank) as session,
            max_by(p.minute, p.rank) as minute
        from (
            select distinct
                ended_on, partner, country, operator, power_class,
                if(contract_id in (select contract from prices), contract_id, '') as priced_contract
            from matching_charges(places, 'month', in_currency)
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
    )

    select
        c.*,
        c.counts
        and (f.partner is null or (coalesce(f.minute, 0) <> 0 and coalesce(c.connected_h, 0) > 336))
            as unpriced,
        case
            when c.counts and not unpriced
                -- In 64 bits: sums of wider decimals take fifty times as long.
                then cast(f.kwh * c.energy_kwh as decimal(16, 6))
                    + cast(f.session as decimal(16, 6))
                    + cast(f.minute * 60 * coalesce(c.connected_h, 0) as decimal(16, 6))
        end as retail_excl_vat
    from matching_charges(places, 'month', in_currency) as c
    left join fitting as f
        on c.ended_on = f.ended_on and c.partner = f.partner and c.country = f.country
            and c.operator = f.operator and c.power_class = f.power_class
            and f.priced_contract
            = if(c.contract_id in (select contract from prices), c.contract_id, '')
    -- What nobody states the cost of has no margin either.
    where c.cost_excl_vat is not null
