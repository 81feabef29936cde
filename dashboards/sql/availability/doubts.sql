-- Statuses that are stale or contradicted, the oldest doubt first.
with chosen as (
    select *
    from mart.evses
    where removed_at is null
    and ($partner is null or partner = $partner)
    and ($party is null or country_code || '/' || party_id = $party)
    and ($country is null or country = $country)
    and ($operator is null or operator = $operator)
    and ($power is null or power_class = $power)
    and ($standard is null or list_contains(standards, $standard))
)

select
    c.partner, c.country_code, c.party_id, c.location_id, c.uid, c.location_name, c.evse_id,
    d.status, d.evidence, d.since_at, d.age_h, d.case_count, c.city, c.operator, d.kind
from mart.status_doubts as d
join chosen as c on d.canonical_evse = c.canonical_evse
where d.kind = $kind
order by d.age_h desc nulls last, d.canonical_evse
limit $at_most
