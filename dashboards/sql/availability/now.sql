-- How many connectors there are, how many work now, and of how many nobody can be sure: their status
-- is unknown, old, or contradicted by something.
with chosen as (
    select
        k.canonical_evse, k.partner, k.country_code, k.party_id, k.location_id, k.status,
        k.status = 'UNKNOWN' or d.canonical_evse is not null as unsure
    from matching_connectors($places) as k
    left join (select distinct canonical_evse from mart.status_doubts) as d
        on k.canonical_evse = d.canonical_evse
)

select
    count(*) as connector_count,
    count(distinct canonical_evse) as evse_count,
    count(distinct(partner, country_code, party_id, location_id)) as location_count,
    count(*) filter (where status in ('AVAILABLE', 'CHARGING', 'RESERVED')) as working_count,
    count(*) filter (where status = 'AVAILABLE') as free_count,
    count(*) filter (where status in ('INOPERATIVE', 'OUTOFORDER')) as out_count,
    count(*) filter (where unsure) as unsure_count,
    count(*) filter (
        where unsure and status in ('AVAILABLE', 'CHARGING', 'RESERVED')
    ) as unsure_working_count,
    count(*) filter (where status in ('PLANNED', 'REMOVED')) as left_out_count,
    count(*) filter (where status = 'BLOCKED') as blocked_count
from chosen
