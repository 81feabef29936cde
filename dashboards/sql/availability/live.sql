-- How many EVSEs show which status now.
select status, count(*) as evse_count
from matching_evses($partner, $party, $country, $operator, $power, $standard)
group by status
order by evse_count desc, status
