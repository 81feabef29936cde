-- Every finding about one CDR, the gravest first.
select
    rule_id, severity, currency, at_stake_excl_vat, message, cause, observed, expected, delta,
    unit, related_id
from recon.findings
where subject = 'cdr' and subject_id = $id and partner = $partner
    and country_code = $country_code and party_id = $party_id
order by
    case severity when 'fatal' then 0 when 'dispute' then 1 else 2 end,
    at_stake_excl_vat desc nulls last, rule_id
