-- Every contested CDR as it stands now, every other thing a finding contests, and every dispute
-- a person opened, whether or not reconciliation still sees it.
insert into settle.disputes by name
with held as (
    select
        partner, cdr_country_code, cdr_party_id, cdr_id,
        sum(disputed_excl_vat + rejected_excl_vat) as contested_excl_vat
    from settle.statement_lines
    group by all
),

cdrs as (
    select
        s.dispute_id, s.partner, s.country_code, s.party_id,
        coalesce(b.month, o.month) as month,
        s.currency, s.direction, s.section, 'cdr' as subject, s.cdr_id as subject_id,
        coalesce(nullif(s.cause, 'unknown'), s.main_rule_id) as reason_code,
        s.rules, h.contested_excl_vat, s.message, s.basis_at as since_at
    from settle_live as s
    left join held as h using (partner, cdr_country_code, cdr_party_id, cdr_id)
    left join settle_booked_lines as b
        on s.partner = b.partner and s.cdr_country_code = b.cdr_country_code
        and s.cdr_party_id = b.cdr_party_id and s.cdr_id = b.cdr_id and b.kind = 'cdr'
    left join settle_open as o
        on s.partner = o.partner and s.cdr_country_code = o.cdr_country_code
        and s.cdr_party_id = o.cdr_party_id and s.cdr_id = o.cdr_id and o.kind = 'cdr'
    where h.contested_excl_vat <> 0
        or s.dispute_id in (select dispute_id from settle_decided)
),

others as (
    select
        'D-' || substr(
            sha256(concat_ws('/', partner, country_code, party_id, subject, subject_id)), 1, 16
        ) as dispute_id,
        partner, country_code, party_id, cast(null as varchar) as month, max(currency) as currency,
        'payable' as direction, 'roaming' as section, subject, subject_id,
        min(rule_id) as reason_code, list(rule_id order by rule_id) as rules,
        max(at_stake_excl_vat) as contested_excl_vat,
        string_agg(message, ' ' order by rule_id) as message,
        cast(null as timestamptz) as since_at
    from recon.findings
    where severity in ('dispute', 'fatal') and subject <> 'cdr'
    group by all
),

seen as (
    select * from cdrs
    union all by name
    select * from others
)

select
    coalesce(s.dispute_id, d.dispute_id) as dispute_id,
    coalesce(s.partner, d.partner) as partner,
    coalesce(s.country_code, d.country_code) as country_code,
    coalesce(s.party_id, d.party_id) as party_id,
    s.month,
    coalesce(s.currency, d.currency) as currency,
    coalesce(s.direction, 'payable') as direction,
    coalesce(s.section, 'roaming') as section,
    coalesce(s.subject, d.subject) as subject,
    coalesce(s.subject_id, d.subject_id) as subject_id,
    coalesce(d.state, 'detected') as state,
    coalesce(d.reason_code, s.reason_code) as reason_code,
    s.rules,
    coalesce(s.contested_excl_vat, 0) as contested_excl_vat,
    d.opened_excl_vat,
    s.message,
    d.owner,
    d.due_on,
    cast(date_diff('day', coalesce(s.since_at, d.opened_at), $as_of) as integer) as age_days,
    d.changed_at,
    d.changed_by
from seen as s
full join settle_decided as d on s.dispute_id = d.dispute_id
