-- How many EVSEs show which status now.
select status, count(*) as evse_count
from mart.evses
where removed_at is null
    and ($partner is null or partner = $partner)
    and ($party is null or country_code || '/' || party_id = $party)
    and ($country is null or country = $country)
    and ($operator is null or operator = $operator)
    and ($power is null or power_class = $power)
    and ($standard is null or list_contains(standards, $standard))
group by status
order by evse_count desc, status
