-- received_findings: what the rules found, as settle.invoice_findings has it.
create or replace temp table received_findings as
select
    f.partner, f.country_code, f.party_id, f.subject_id as number,
    f.line_number, f.rule_id, f.rule_version, f.severity, f.observed, f.expected, f.delta, f.unit,
    f.at_stake_excl_vat, f.at_stake_vat, f.currency, f.related_id, f.message,
    f.i, f.n, f.position
from invoice_found as f
