-- What makes the statuses of a location's EVSEs doubtful.
select e.uid, d.kind, d.status, d.evidence, d.since_at, d.age_h, d.case_count
from mart.status_doubts as d
join core.evses as e on d.canonical_evse = e.canonical_evse
where e.partner = $partner and e.country_code = $country_code
    and e.party_id = $party_id and e.location_id = $id
order by e.uid, d.kind
