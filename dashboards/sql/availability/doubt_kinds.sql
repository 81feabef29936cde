-- How many statuses are doubtful, and why.
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

select d.kind, count(*) as evse_count, count(*) / any_value(t.total) as evse_share
from mart.status_doubts as d
join chosen as c on d.canonical_evse = c.canonical_evse
cross join (select count(*) as total from chosen) as t
group by d.kind
order by evse_count desc, d.kind
