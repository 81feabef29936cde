-- How busy each hour of the week is, charging and connected.
select
    weekday,
    hour,
    sum(charging_s) / nullif(sum(open_s), 0) as charging_share,
    sum(connected_s) / nullif(sum(open_s), 0) as connected_share
from mart.utilisation
where matches_place(
        partner, country_code, party_id, country, region, city, operator, power_class, $places
    )
group by weekday, hour
order by weekday, hour
