-- What our drivers charged at the places that a choice (JSON) asks for, with what our own customers
-- pay for it by a list of retail prices (JSON, as `models.marts.retail` makes it); null: none fits.
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

    -- What nobody states the cost of has no margin either.
    chosen as (
        select *
        from matching_charges(places, 'month', in_currency)
        where cost_excl_vat is not null
    ),

    fitting as (
        select c.partner, c.country_code, c.party_id, c.id, max(p.rank) as rank
        from chosen as c
        join prices as p
            on c.currency = p.currency and c.ended_on >= p.from_on
                and (p.until_on is null or c.ended_on < p.until_on)
                and (p.partner is null or c.partner = p.partner)
                and (p.country is null or c.country = p.country)
                and (p.operator is null or c.operator = p.operator)
                and (p.power is null or c.power_class = p.power)
                and (p.contract is null or c.contract_id = p.contract)
        group by all
    )

    select
        c.*,
        case
            when c.counts
                then cast(
                        p.kwh * c.energy_kwh + p.session
                        + p.minute * coalesce(c.connected_h, 0) * 60
                        as decimal(18, 6)
                    )
        end as retail_excl_vat,
        c.counts and p.rank is null as unpriced
    from chosen as c
    left join fitting as f
        on c.partner = f.partner and c.country_code = f.country_code
            and c.party_id = f.party_id and c.id = f.id
    left join prices as p on f.rank = p.rank
