-- The entries of a month, of a partner or all, with whether the month is locked.
select
    j.*,
    coalesce(bool_and(s.status = 'locked') over counterparty, false) as is_locked
from settle.journal as j
left join settle.statements as s
    using (partner, country_code, party_id, month, currency, direction, section)
where j.month = $month and ($partner is null or j.partner = $partner)
window counterparty as (partition by j.partner)
order by
    j.partner, j.country_code, j.party_id, j.currency, j.direction, j.section, j.posted_on, j.kind,
    j.vat_country, j.vat_bucket
