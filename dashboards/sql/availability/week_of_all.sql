-- How busy each hour of the week is with everybody's charging, as statuses show it.
select
    weekday,
    hour,
    sum(charging_s) / nullif(sum(observed_s), 0) as everybody_share
from mart.charging_hours
where matches_place(
        partner, country_code, party_id, country, region, city, operator, power_class, $places
    )
group by weekday, hour
order by weekday, hour
