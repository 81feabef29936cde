-- The statements of one partner's month, with every figure.
select
    *,
    disputed_61_90_days_excl_vat + disputed_over_90_days_excl_vat
        as disputed_over_60_days_excl_vat
from settle.statements
where partner = $partner and month = $month
order by direction, section, cdr_count desc, country_code, party_id, currency
