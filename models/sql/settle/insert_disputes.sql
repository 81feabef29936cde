-- Every contested CDR as it stands now, the tax in doubt of a CDR, every other thing that a finding
-- contests, and every dispute a person opened, whether or not reconciliation still sees it. What a
-- resolution does not cover (its rules, its amount) is a dispute of its own. What a partner claimed
-- under a name that left the partners file is looked for under the one that it has now.
insert into settle.disputes by name
with released as (
    -- What credit notes gave back of the invoices that they name.
    select
        partner, country_code, party_id, number_key,
        sum(released_excl_vat) as released_excl_vat,
        list(number order by number) as numbers
    from (
        select
            partner, country_code, party_id, number, released_excl_vat,
            lower(trim(unnest(corrects))) as number_key
        from settle.invoices
        where released_excl_vat > 0
    )
    group by all
),

credits as (
    -- What credits gave back, by what they credit (a credit CDR all of its CDR); is_note: a credit note did.
    select
        partner, country_code, party_id, 'cdr' as subject, id as subject_id,
        sum(credited_excl_vat) as credited_excl_vat,
        list(credited_by order by credited_by) as credited_by,
        bool_or(is_note) as is_note
    from (
        select
            partner, cdr_country_code as country_code, cdr_party_id as party_id, cdr_id as id,
            number as credited_by, true as is_note, sum(credited_excl_vat) as credited_excl_vat
        from settle.invoice_cdrs
        where credited_excl_vat > 0
        group by all
        union all
        select
            partner, country_code, party_id, credits_id as id, id as credited_by,
            false as is_note, abs(claimed_excl_vat) as credited_excl_vat
        from recon.cdrs
        where credit and verdict = 'credited' and credits_id is not null
    )
    group by partner, country_code, party_id, id
    union all
    select
        i.partner, i.country_code, i.party_id, 'invoice' as subject, i.number as subject_id,
        r.released_excl_vat as credited_excl_vat, r.numbers as credited_by, true as is_note
    from settle.invoices as i
    inner join released as r
        on i.partner = r.partner and i.country_code = r.country_code
            and i.party_id = r.party_id and lower(i.number) = r.number_key
),

contested_invoices as (
    select i.*, coalesce(r.released_excl_vat, 0) as released_excl_vat
    from settle.invoice_findings as i
    left join released as r
        on i.partner = r.partner and i.country_code = r.country_code
            and i.party_id = r.party_id and lower(i.number) = r.number_key
    where i.severity in ('dispute', 'fatal') and i.rule_id <> 'INVOICE_LINE_CONTESTED'
    qualify
        sum(i.at_stake_excl_vat + i.at_stake_vat) over (
            partition by i.partner, i.country_code, i.party_id, i.number
        ) > coalesce(r.released_excl_vat, 0)
        or coalesce(r.released_excl_vat, 0) = 0
),

doubts as (
    select
        f.partner, f.country_code, f.party_id, f.subject_id, f.rule_id, f.currency,
        f.at_stake_excl_vat, f.at_stake_vat, f.message,
        case when f.rule_id in ('VAT_RATE_MISMATCH', 'VAT_ARITHMETIC', 'REVERSE_CHARGE_VIOLATED')
                then 'vat'
            else f.subject
        end as about
    from recon.findings as f
    anti join settle_superseded as x
        on f.subject = 'cdr' and f.partner = x.partner and f.country_code = x.country_code
            and f.party_id = x.party_id and f.subject_id = x.id
    where f.severity in ('dispute', 'fatal')
        -- An invoice that was taken in lists it, if no record of the partner does.
        and not (
            f.rule_id = 'CDR_NOT_INVOICED'
            and (f.partner, f.country_code, f.party_id, f.subject_id) in (
                select (partner, cdr_country_code, cdr_party_id, cdr_id) from settle.invoice_cdrs
            )
        )
    union all by name
    -- An invoice is one dispute, over all that its findings contest and no credit note gave back; what
    -- it bills of contested CDRs is their own disputes'.
    select
        i.partner, i.country_code, i.party_id, i.number as subject_id, i.rule_id,
        min(i.currency) as currency,
        greatest(
            sum(sum(i.at_stake_excl_vat)) over invoice - any_value(i.released_excl_vat), 0
        ) as at_stake_excl_vat,
        sum(sum(i.at_stake_vat)) over invoice as at_stake_vat,
        arg_max(i.message, i.at_stake_excl_vat)
        || case when count(*) > 1 then ' (and ' || (count(*) - 1) || ' more like it)' else '' end
            as message,
        'invoice' as about
    from contested_invoices as i
    group by i.partner, i.country_code, i.party_id, i.number, i.rule_id
    window invoice as (partition by i.partner, i.country_code, i.party_id, i.number)
),

open_doubts as (
    -- Amounts of CDRs are bound in settle.statement_lines; of other subjects they are bound here.
    select f.*
    from doubts as f
    where not exists (
            select 1 from settle_resolutions as r
            where r.partner = f.partner and r.country_code = f.country_code
                and r.party_id = f.party_id and r.id = f.subject_id and r.subject = f.about
                and (r.rules is null or list_contains(r.rules, f.rule_id))
                and (
                    f.about in ('cdr', 'vat')
                    or coalesce(abs(f.at_stake_excl_vat), 0) <= coalesce(abs(r.amount_excl_vat), 0)
                    or r.amount_excl_vat is null
                )
        )
),

doubted as (
    select
        partner, country_code, party_id, about as subject, subject_id,
        max(currency) as currency,
        min(rule_id) as reason_code,
        list(rule_id order by rule_id) as rules,
        max(at_stake_excl_vat) as at_stake_excl_vat,
        arg_max(at_stake_vat, abs(at_stake_vat)) as at_stake_vat,
        string_agg(message, ' ' order by rule_id) as message
    from open_doubts
    group by all
),

named as (
    select
        l.* replace (
            coalesce(x.by_partner, l.partner) as partner, coalesce(x.by_id, l.cdr_id) as cdr_id
        )
    from settle.statement_lines as l
    left join settle_superseded as x
        on l.partner = x.partner and l.cdr_country_code = x.country_code
            and l.cdr_party_id = x.party_id and l.cdr_id = x.id
),

lines as (
    -- Of several lines the first is the charge's own, and the last says what holds now.
    select
        partner, cdr_country_code, cdr_party_id, cdr_id,
        sum(disputed_excl_vat + rejected_excl_vat - coalesce(settled_excl_vat, 0))
            as contested_excl_vat,
        min_by(l, l.month) as first,
        max_by(l, l.month) as last
    from named as l
    where l.disputed_excl_vat <> 0 or l.rejected_excl_vat <> 0
        or (l.partner, l.cdr_country_code, l.cdr_party_id, l.cdr_id) in (
            select (partner, country_code, party_id, subject_id) from doubted
            where subject in ('cdr', 'vat')
            union all
            select (partner, country_code, party_id, subject_id) from settle_decided
            where subject in ('cdr', 'vat')
        )
    group by partner, cdr_country_code, cdr_party_id, cdr_id
),

keys as (
    select partner, country_code, party_id, subject, subject_id
    from doubted
    union
    select partner, cdr_country_code, cdr_party_id, 'cdr', cdr_id from lines
    where contested_excl_vat <> 0
),

seen as (
    select
        k.partner, k.country_code as owner_country_code, k.party_id as owner_party_id,
        k.subject, k.subject_id,
        coalesce(l.first.country_code, k.country_code) as country_code,
        coalesce(l.first.party_id, k.party_id) as party_id,
        coalesce(l.first.month, i.month) as month,
        coalesce(l.first.currency, d.currency) as currency,
        coalesce(l.first.direction, 'payable') as direction,
        coalesce(l.first.section, 'roaming') as section,
        case when k.subject = 'cdr' and l.contested_excl_vat <> 0 then l.last.cause
            else d.reason_code
        end as reason_code,
        case when k.subject = 'cdr' and l.contested_excl_vat <> 0 then l.last.rules else d.rules end
            as rules,
        case
            when k.subject = 'vat' then 0
            when k.subject = 'cdr' then coalesce(l.contested_excl_vat, 0)
            else d.at_stake_excl_vat
        end as contested_excl_vat,
        case when k.subject = 'vat' then d.at_stake_vat end as contested_vat,
        case when k.subject = 'cdr' and l.contested_excl_vat <> 0 then l.last.message
            else d.message
        end as message,
        coalesce(l.first.basis_at, cast(i.issued_on as timestamptz)) as since_at
    from keys as k
    left join doubted as d using (partner, country_code, party_id, subject, subject_id)
    left join lines as l
        on k.subject in ('cdr', 'vat') and k.partner = l.partner
            and k.country_code = l.cdr_country_code and k.party_id = l.cdr_party_id
            and k.subject_id = l.cdr_id
    left join settle.invoices as i
        on k.subject = 'invoice' and k.partner = i.partner and k.country_code = i.country_code
            and k.party_id = i.party_id and k.subject_id = i.number
),

decided as (
    select
        partner, country_code, party_id, subject, subject_id,
        count(*) as disputes,
        max(dispute_id) filter (where not resolved) as current_id
    from settle_decided
    group by all
),

identified as (
    select
        s.*,
        -- A doubt after a resolution is a new dispute.
        coalesce(
            d.current_id,
            dispute_id(
                s.partner, s.owner_country_code, s.owner_party_id, s.subject,
                s.subject_id || case when d.disputes > 0 then '#' || d.disputes else '' end
            )
        ) as dispute_id
    from seen as s
    left join decided as d
        on s.partner = d.partner and s.owner_country_code = d.country_code
            and s.owner_party_id = d.party_id and s.subject = d.subject
            and s.subject_id = d.subject_id
),

known as (
    select
        coalesce(s.dispute_id, d.dispute_id) as dispute_id,
        coalesce(s.partner, d.partner) as partner,
        coalesce(s.country_code, l.first.country_code, d.country_code) as country_code,
        coalesce(s.party_id, l.first.party_id, d.party_id) as party_id,
        coalesce(s.month, l.first.month, i.month) as month,
        coalesce(s.currency, l.first.currency, d.currency) as currency,
        coalesce(s.direction, l.first.direction, 'payable') as direction,
        coalesce(s.section, l.first.section, 'roaming') as section,
        coalesce(s.subject, d.subject) as subject,
        coalesce(s.subject_id, d.subject_id) as subject_id,
        d.state,
        coalesce(d.reason_code, s.reason_code) as reason_code,
        coalesce(s.rules, l.last.rules) as rules,
        coalesce(s.contested_excl_vat, 0) as contested_excl_vat,
        s.contested_vat,
        d.opened_excl_vat,
        coalesce(s.message, l.last.message) as message,
        d.owner,
        d.due_on,
        cast(
            date_diff('day', coalesce(s.since_at, l.first.basis_at, d.opened_at), $as_of) as integer
        ) as age_days,
        d.changed_at,
        d.changed_by,
        coalesce(s.owner_country_code, d.country_code) as owner_country_code,
        coalesce(s.owner_party_id, d.party_id) as owner_party_id
    from identified as s
    full join settle_decided as d on s.dispute_id = d.dispute_id
    left join lines as l
        on d.subject in ('cdr', 'vat') and d.partner = l.partner
            and d.country_code = l.cdr_country_code and d.party_id = l.cdr_party_id
            and d.subject_id = l.cdr_id
    left join settle.invoices as i
        on d.subject = 'invoice' and d.partner = i.partner and d.country_code = i.country_code
            and d.party_id = i.party_id and d.subject_id = i.number
),

credited as (
    select
        k.*,
        c.credited_by, c.is_note,
        case when c.is_note or k.opened_excl_vat is null then c.credited_excl_vat
            when c.credited_excl_vat is not null
                then least(c.credited_excl_vat, abs(k.opened_excl_vat))
        end as credited_excl_vat
    from known as k
    left join credits as c
        on k.partner = c.partner and k.owner_country_code = c.country_code
            and k.owner_party_id = c.party_id and k.subject = c.subject
            and k.subject_id = c.subject_id
)

select
    * exclude (owner_country_code, owner_party_id, is_note) replace (
        -- Credits that cover it end it; a person has the last word where one let it go or closed it.
        case
            when credited_excl_vat is null or contested_excl_vat <> 0 then coalesce(state, 'detected')
            when state in ('open', 'sent', 'rejected', 'escalated') or (state is null and is_note)
                or (state = 'accepted' and credited_excl_vat >= opened_excl_vat) then 'credited'
            else coalesce(state, 'detected')
        end as state,
        concat_ws(
            ' ',
            message,
            case when credited_excl_vat is not null
                    then array_to_string(credited_by, ', ')
                        || case when len(credited_by) > 1 then ' credit ' else ' credits ' end
                        || format('{:,.2f}', credited_excl_vat)
                        || case when contested_excl_vat <> 0
                                then ' of it; ' || format('{:,.2f}', contested_excl_vat) || ' stays open.'
                            else ' of it.'
                        end
            end
        ) as message,
        coalesce(credited_excl_vat, 0) as credited_excl_vat,
        coalesce(credited_by, []) as credited_by
    )
from credited
