-- Statuses that are stale or contradicted, the oldest doubt first.
select
    c.partner, c.country_code, c.party_id, c.location_id, c.uid, c.location_name, c.evse_id,
    d.status, d.evidence, d.since_at, d.age_h, d.case_count, c.city, c.operator, d.kind
from mart.status_doubts as d
join matching_evses($places) as c
    on d.canonical_evse = c.canonical_evse
where d.kind = $kind
order by d.age_h desc nulls last, d.canonical_evse
