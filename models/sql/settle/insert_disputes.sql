-- Every contested CDR as it stands now, the tax in doubt of a CDR, every other thing that a finding
-- contests, and every dispute a person opened, whether or not reconciliation still sees it. What a
-- resolution does not cover (its rules, its amount) is a dispute of its own. What a partner claimed
-- under a name that left the partners file is looked for under the one that it has now.
-- They may be a million, of which the engine holds texts: they are made in $parts parts, by their subject.
insert into settle.disputes by name
with decided_disputes as (
    select * from settle_decided where hash(subject_id) % $parts = $part
),

contested_invoices as (
    select
        i.*,
        coalesce(r.credited_excl_vat, 0) as released_excl_vat,
        coalesce(r.credited_vat, 0) as released_vat
    from settle.invoice_findings as i
    left join settle_credits as r
        on r.subject = 'invoice' and i.partner = r.partner and i.country_code = r.country_code
            and i.party_id = r.party_id and i.number = r.subject_id
    where i.severity in ('dispute', 'fatal') and i.rule_id <> 'INVOICE_LINE_CONTESTED'
        and hash(i.number) % $parts = $part
        -- A credit at a wrong rate takes back the tax that was in doubt.
        and not (
            i.rule_id = 'INVOICE_VAT_RATE_MISMATCH' and i.at_stake_vat = 0
            and (i.partner, i.country_code, i.party_id, i.number) in (
                select (partner, country_code, party_id, number) from settle.invoices
                where is_credit
            )
        )
    window invoice as (partition by i.partner, i.country_code, i.party_id, i.number)
    qualify
        sum(i.at_stake_excl_vat) over invoice > coalesce(r.credited_excl_vat, 0)
        or sum(i.at_stake_vat) over invoice > coalesce(r.credited_vat, 0)
        or r.subject is null
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
        on f.partner = x.partner and f.country_code = x.country_code and f.party_id = x.party_id
            and case when f.subject = 'cdr' then f.subject_id end = x.id
    where f.severity in ('dispute', 'fatal') and hash(f.subject_id) % $parts = $part
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
        greatest(
            sum(sum(i.at_stake_vat)) over invoice - any_value(i.released_vat), 0
        ) as at_stake_vat,
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

lines as (
    -- Of several lines the first is the charge's own, and the last says what holds now.
    select
        cdr_partner as partner, cdr_country_code, cdr_party_id, cdr_id,
        sum(disputed_excl_vat + rejected_excl_vat - coalesce(settled_excl_vat, 0))
            as contested_excl_vat,
        min_by(
            struct_pack(country_code, party_id, month, currency, direction, section, basis_at), month
        ) as first,
        max_by(struct_pack(cause, rules, message), month) as last
    from named_now('settle.statement_lines') as l
    where (
        l.disputed_excl_vat <> 0 or l.rejected_excl_vat <> 0
        or (l.cdr_partner, l.cdr_country_code, l.cdr_party_id, l.cdr_id) in (
            select (partner, country_code, party_id, subject_id) from doubted
            where subject in ('cdr', 'vat')
            union all
            select (partner, country_code, party_id, subject_id) from decided_disputes
            where subject in ('cdr', 'vat')
        )
    )
    and ($parts = 1 or hash(l.cdr_id) % $parts = $part)
    group by cdr_partner, cdr_country_code, cdr_party_id, cdr_id
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
        k.partner, k.country_code as subject_country_code, k.party_id as subject_party_id,
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
        case
            when k.subject = 'vat' then d.at_stake_vat
            when k.subject = 'invoice' then nullif(d.at_stake_vat, 0)
        end as contested_vat,
        case when k.subject = 'cdr' and l.contested_excl_vat <> 0 then l.last.message
            else d.message
        end as message,
        coalesce(l.first.basis_at, cast(i.issued_on as timestamptz)) as since_at
    from keys as k
    left join doubted as d using (partner, country_code, party_id, subject, subject_id)
    left join lines as l
        on k.partner = l.partner
            and k.country_code = l.cdr_country_code and k.party_id = l.cdr_party_id
            and case when k.subject in ('cdr', 'vat') then k.subject_id end = l.cdr_id
    left join settle.invoices as i
        on k.partner = i.partner and k.country_code = i.country_code
            and k.party_id = i.party_id
            and case when k.subject = 'invoice' then k.subject_id end = i.number
),

decided as (
    select
        partner, country_code, party_id, subject, subject_id,
        count(*) as disputes,
        max(dispute_id) filter (where not resolved) as current_id
    from decided_disputes
    group by all
),

identified as (
    select
        s.*,
        -- A doubt after a resolution is a new dispute.
        coalesce(
            d.current_id,
            dispute_id(
                s.partner, s.subject_country_code, s.subject_party_id, s.subject,
                s.subject_id || case when d.disputes > 0 then '#' || d.disputes else '' end
            )
        ) as dispute_id
    from seen as s
    left join decided as d
        on s.partner = d.partner and s.subject_country_code = d.country_code
            and s.subject_party_id = d.party_id and s.subject = d.subject
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
        d.sent_on,
        cast(
            date_diff('day', coalesce(s.since_at, l.first.basis_at, d.opened_at), $as_of) as integer
        ) as age_days,
        d.changed_at,
        d.changed_by,
        coalesce(s.subject_country_code, d.country_code) as subject_country_code,
        coalesce(s.subject_party_id, d.party_id) as subject_party_id
    from identified as s
    full join decided_disputes as d on s.dispute_id = d.dispute_id
    left join lines as l
        on d.partner = l.partner
            and d.country_code = l.cdr_country_code and d.party_id = l.cdr_party_id
            and case when d.subject in ('cdr', 'vat') then d.subject_id end = l.cdr_id
    left join settle.invoices as i
        on d.partner = i.partner and d.country_code = i.country_code
            and d.party_id = i.party_id
            and case when d.subject = 'invoice' then d.subject_id end = i.number
),

credited as (
    select
        k.* replace (
            -- To the cent: tax is rounded for the whole of a document.
            case when k.subject <> 'vat' or c.credited_vat is null then k.contested_vat
                when abs(k.contested_vat) - c.credited_vat < 0.01 then 0
                else sign(k.contested_vat) * (abs(k.contested_vat) - c.credited_vat)
            end as contested_vat
        ),
        c.credited_by, c.is_note,
        c.credited_vat,
        case when c.is_note or k.opened_excl_vat is null then c.credited_excl_vat
            when c.credited_excl_vat is not null
                then least(c.credited_excl_vat, abs(k.opened_excl_vat))
        end as credited_excl_vat
    from known as k
    left join settle_credits as c
        on k.partner = c.partner and k.subject_country_code = c.country_code
            and k.subject_party_id = c.party_id and k.subject = c.subject
            and k.subject_id = c.subject_id
),

finished as (
    select
        * exclude (is_note) replace (
            -- Credits that cover it end it; a person has the last word where one let it go or closed it.
            case
                when credited_excl_vat is null or contested_excl_vat <> 0
                    or coalesce(contested_vat, 0) <> 0 then coalesce(state, 'detected')
                when state in ('open', 'sent', 'rejected', 'escalated') or (state is null and is_note)
                    or (state = 'accepted' and credited_excl_vat >= coalesce(opened_excl_vat, 0)) then 'credited'
                else coalesce(state, 'detected')
            end as state,
            concat_ws(
                ' ',
                message,
                case when len(credited_by) > 0
                        then array_to_string(credited_by, ', ')
                            || case when len(credited_by) > 1 then ' credit ' else ' credits ' end
                            || concat_ws(
                                ', ',
                                case when credited_excl_vat > 0
                                        then format('{:,.2f}', credited_excl_vat) || ' of it'
                                end,
                                case when credited_vat > 0
                                        then format('{:,.2f}', credited_vat) || ' of its tax'
                                end
                            )
                            || case when contested_excl_vat <> 0 or coalesce(contested_vat, 0) <> 0
                                    then '; '
                                        || format('{:,.2f}', contested_excl_vat + coalesce(contested_vat, 0))
                                        || ' stays open.'
                                else '.'
                            end
                end
            ) as message,
            coalesce(credited_excl_vat, 0) as credited_excl_vat,
            coalesce(credited_vat, 0) as credited_vat,
            coalesce(credited_by, []) as credited_by
        )
    from credited
)

select
    *,
    dispute_escalation(state, due_on, cast($as_of as date), $escalation_days) as escalation
from finished
