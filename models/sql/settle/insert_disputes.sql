-- Every contested CDR as it stands now, every other thing a finding contests, and every dispute
-- a person opened, whether or not reconciliation still sees it.
insert into settle.disputes by name
with held as (
    select
        partner, cdr_country_code, cdr_party_id, cdr_id,
        sum(disputed_excl_vat + rejected_excl_vat) as contested_excl_vat
    from settle.statement_lines
    where disputed_excl_vat <> 0 or rejected_excl_vat <> 0
    group by all
    having sum(disputed_excl_vat + rejected_excl_vat) <> 0
),

contested as (
    select s.*, h.contested_excl_vat
    from settle_live as s
    inner join held as h using (partner, cdr_country_code, cdr_party_id, cdr_id)
    union all by name
    select s.*, 0 as contested_excl_vat
    from settle_live as s
    semi join settle_decided as d on s.dispute_id = d.dispute_id
    anti join held as h using (partner, cdr_country_code, cdr_party_id, cdr_id)
),

cdrs as (
    select
        c.dispute_id, c.partner, c.country_code, c.party_id, l.month,
        c.currency, c.direction, c.section, 'cdr' as subject, c.cdr_id as subject_id,
        coalesce(nullif(c.cause, 'unknown'), c.main_rule_id) as reason_code,
        c.rules, c.contested_excl_vat, c.message, c.basis_at as since_at
    from contested as c
    inner join settle.statement_lines as l
        on c.partner = l.partner and c.cdr_country_code = l.cdr_country_code
        and c.cdr_party_id = l.cdr_party_id and c.cdr_id = l.cdr_id and l.kind = 'cdr'
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
