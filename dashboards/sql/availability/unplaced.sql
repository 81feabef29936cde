-- Charges of the 28 days of utilisation that no EVSE there now can be held against.
select
    count(*) filter (where place = 'unlisted') as unlisted_count,
    coalesce(sum(energy_kwh) filter (where place = 'unlisted'), 0) as unlisted_kwh,
    count(*) filter (where place = 'gone') as gone_count,
    coalesce(sum(energy_kwh) filter (where place = 'gone'), 0) as gone_kwh
from mart.charges as c
cross join (select date_trunc('day', newest_page_at(null)) as before_at) as p
where c.counts and c.start_at < p.before_at and c.start_at >= p.before_at - interval 28 days
    and matches_place(
        c.partner, c.country_code, c.party_id, c.country, c.region, c.city, c.operator,
        c.power_class, $places
    )
