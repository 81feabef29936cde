-- Disputes, the largest first; ageing counts from the charge.
select
    partner, month, subject, subject_id, state, reason_code, age_days, currency,
    contested_excl_vat, opened_excl_vat, due_on, owner, message, dispute_id, country_code, party_id,
    rules, changed_at, changed_by
from settle.disputes
where (contested_excl_vat <> 0 or state <> 'detected')
    and ($partners is null or list_contains($partners, partner))
    and ($month is null or month = $month)
    and ($reason is null or reason_code = $reason)
order by abs(contested_excl_vat) desc, dispute_id
