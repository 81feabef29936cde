-- What was found about an invoice, what weighs most first.
select
    rule_id, line_number, at_stake_excl_vat,
    at_stake_vat as tax_amount,
    message, observed, expected, severity, currency, related_id
from settle.invoice_findings
where partner = $partner and country_code = $country_code and party_id = $party_id
    and number = $number
order by at_stake_excl_vat + at_stake_vat desc, severity = 'warn', line_number, rule_id
