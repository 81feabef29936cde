-- Statuses that are stale or contradicted, the oldest doubt first: the first $most of them (null: all),
-- and beside each how many there are.
with found as (
    select *
    from mart.status_doubts
    where kind = $kind
        and canonical_evse in (select e.canonical_evse from matching_evses($places) as e)
),

listed as (
    select *
    from found
    order by age_h desc nulls last, canonical_evse
    limit $most
)

select
    c.partner, c.country_code, c.party_id, c.location_id, c.uid, c.location_name, d.status,
    d.evidence, d.since_at, d.age_h, d.case_count, c.evse_id, c.city, c.operator, d.kind,
    (select count(*) from found) as row_count
from listed as d
join mart.evses as c on d.canonical_evse = c.canonical_evse
order by d.age_h desc nulls last, d.canonical_evse
