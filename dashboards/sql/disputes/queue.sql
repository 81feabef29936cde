-- Disputes, the largest first; ageing counts from the charge.
select
    partner, month, subject_id, state, contested_excl_vat, currency, reason_code, age_days,
    message, contested_vat as tax_amount, opened_excl_vat, due_on, escalation, owner, subject, dispute_id,
    country_code, party_id, subject_country_code, subject_party_id, rules, changed_at, changed_by, sent_on
from settle.disputes
where (contested_excl_vat <> 0 or coalesce(contested_vat, 0) <> 0 or state <> 'detected')
    and ($partners is null or list_contains($partners, partner))
    and ($month is null or month = $month)
    and ($reason is null or reason_code = $reason)
order by abs(contested_excl_vat) + abs(coalesce(contested_vat, 0)) desc, dispute_id
