-- The agreed fees as lines of their statements: nobody claims them by CDR, so they are payable as agreed.
insert into settle.statement_lines by name
select
    partner, country_code, party_id, month, currency, direction, section,
    country_code as cdr_country_code, party_id as cdr_party_id, fee_id as cdr_id,
    'fee' as kind, month as natural_month, basis_at, 'agreed' as verdict, false as credit,
    cast(0 as decimal(18, 9)) as energy_kwh,
    amount as claimed_excl_vat,
    amount as payable_excl_vat,
    cast(0 as decimal(18, 6)) as disputed_excl_vat,
    cast(0 as decimal(18, 6)) as rejected_excl_vat,
    amount as expected_excl_vat,
    amount as expected_agreement_excl_vat,
    cast(0 as decimal(18, 6)) as conceded_excl_vat,
    cast(0 as decimal(18, 6)) as settled_excl_vat,
    amount + vat_of(amount, vat_rate, decimals) as claimed_incl_vat,
    country_code as vat_country,
    fx_quote, fx_reporting_quote, fx_date,
    convert_amount(amount, fx_quote, fx_reporting_quote) as claimed_reporting_excl_vat,
    convert_amount(amount, fx_quote, fx_reporting_quote) as payable_reporting_excl_vat,
    case when fx_date is not null then cast(0 as decimal(18, 6)) end as disputed_reporting_excl_vat,
    cast([] as varchar[]) as rules,
    case
        when name = 'energy_fee' then format('{:,} charges, {:,.3f} kWh', charges, cast(energy_kwh as double))
        else format('{:,} charges', charges)
    end || ' at ' || rtrim(rtrim(cast(price as varchar), '0'), '.') || ' ' || currency as message
from settle_fees
