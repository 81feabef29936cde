-- Statements of a month, or of a partner, or all.
select
    partner, country_code, party_id, month, direction, section, status, cdr_count, energy_kwh,
    currency, claimed_excl_vat, expected_excl_vat, payable_excl_vat, disputed_excl_vat,
    rejected_excl_vat, tolerated_difference_excl_vat, tolerance_exceeded, net_excl_vat,
    unstated_count
from settle.statements
where ($month is null or month = $month) and ($partner is null or partner = $partner)
order by month desc, partner, country_code, party_id, currency, direction, section
