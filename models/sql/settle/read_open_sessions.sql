-- The sessions without a CDR, as rating needs them.
select
    s.rowid as n, s.partner, s.country_code, s.party_id, strftime(s.start_at, '%Y-%m') as month,
    s.start_at, coalesce(s.end_at, $as_of) as end_at, s.currency, s.energy_kwh, s.charging_periods,
    l.time_zone, l.country
from core.sessions as s
left join core.locations as l
    on s.partner = l.partner and s.country_code = l.country_code
        and s.party_id = l.party_id and lower(s.location_id) = lower(l.id)
where s.rowid in (select n from settle_open_sessions)
qualify row_number() over (partition by s.rowid order by l.id) = 1
order by n
