-- How much of each party would go, by table, beside what enough complete lists agree on.
select
    o.table_name, o.country_code, o.party_id, count(*) as live, count(*) filter (o.is_missing) as missing
from live_objects as o
where not (o.is_missing and o.lists + 1 >= $enough_lists)
group by o.table_name, o.country_code, o.party_id
having count(*) filter (o.is_missing) > 0
order by o.table_name, o.country_code, o.party_id
