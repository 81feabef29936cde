-- What was found about partners' lists and about sessions that no CDR bills yet; first what no statement
-- and no dispute will show.
with found as (
    -- Joined by the id alone: a join that also asks for the subject compares each with each.
    select *, case when subject = 'session' then subject_id end as session_id
    from recon.findings
    where subject in ('batch', 'session') and ($partner is null or partner = $partner)
)

select
    f.severity, f.partner, f.rule_id, f.message, s.start_at
from found as f
left join core.sessions as s
    on f.partner = s.partner and f.country_code = s.country_code
        and f.party_id = s.party_id and f.session_id = s.id
order by
    case
        when f.rule_id in ('SESSION_NOT_AUTHORISED', 'SESSION_RESERVED_UNUSED', 'SEQUENCE_GAP') then 0
        when f.severity in ('fatal', 'dispute') then 1
        else 2
    end,
    s.start_at desc nulls first, f.partner, f.rule_id, f.subject_id
