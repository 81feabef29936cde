-- Every contested CDR as it stands now, every other thing a finding contests, and every dispute
-- a person opened, whether or not reconciliation still sees it.
insert into settle.disputes by name
with lines as (
    -- What a person opened stays on the list when nothing is contested any more.
    select *
    from settle.statement_lines as l
    where l.disputed_excl_vat <> 0 or l.rejected_excl_vat <> 0
        or l.disputed_excl_vat is not distinct from 0
        and l.rejected_excl_vat is not distinct from 0
        and exists (
            select 1 from settle_decided as d
            where l.partner = d.partner and l.cdr_country_code = d.country_code
                and l.cdr_party_id = d.party_id and l.cdr_id = d.subject_id and d.subject = 'cdr'
        )
),

contested as (
    -- Of several lines the first is the charge's own, and the last says what holds now.
    select
        partner, cdr_country_code, cdr_party_id, cdr_id,
        dispute_id(partner, cdr_country_code, cdr_party_id, 'cdr', cdr_id) as dispute_id,
        sum(disputed_excl_vat + rejected_excl_vat) as contested_excl_vat,
        min_by(l, l.month) as first,
        max_by(l, l.month) as last
    from lines as l
    group by partner, cdr_country_code, cdr_party_id, cdr_id
),

cdrs as (
    select
        dispute_id, partner, first.country_code, first.party_id, first.month,
        first.currency, first.direction, first.section, 'cdr' as subject, cdr_id as subject_id,
        last.cause as reason_code, last.rules, contested_excl_vat, last.message,
        first.basis_at as since_at
    from contested
    where contested_excl_vat <> 0 or dispute_id in (select dispute_id from settle_decided)
),

others as (
    select
        dispute_id(partner, country_code, party_id, subject, subject_id) as dispute_id,
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
