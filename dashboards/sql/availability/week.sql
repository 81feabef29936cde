-- How busy each hour of the week is, charging and connected.
select
    weekday,
    hour,
    sum(charging_s) / nullif(sum(open_s), 0) as charging_share,
    sum(connected_s) / nullif(sum(open_s), 0) as connected_share
from mart.utilisation
where ($partner is null or partner = $partner)
    and ($party is null or country_code || '/' || party_id = $party)
    and ($country is null or country = $country)
    and ($operator is null or operator = $operator)
    and ($power is null or power_class = $power)
group by weekday, hour
order by weekday, hour
