-- What was found about partners' lists and about sessions that no CDR bills yet; first what no statement
-- and no dispute will show.
select
    f.severity, f.partner, f.rule_id, f.message, s.start_at
from recon.findings as f
left join core.sessions as s
    on f.partner = s.partner and f.country_code = s.country_code and f.party_id = s.party_id
        and case when f.subject = 'session' then f.subject_id end = s.id
where f.subject in ('batch', 'session') and ($partner is null or f.partner = $partner)
order by
    case
        when f.rule_id in ('SESSION_NOT_AUTHORISED', 'SESSION_RESERVED_UNUSED', 'SEQUENCE_GAP') then 0
        when f.severity in ('fatal', 'dispute') then 1
        else 2
    end,
    s.start_at desc nulls first, f.partner, f.rule_id, f.subject_id
