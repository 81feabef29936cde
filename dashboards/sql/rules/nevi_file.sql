-- Uptime by port as EV-ChART's module 3 asks for it, of the last twelve months. Uptime is left empty
-- where less than nine tenths of them were observed.
with as_of as (
    select newest_page_at(null) as as_of_at
)

select
    e.location_id as station_id,
    e.operator as network_provider,
    coalesce(e.evse_id, e.uid) as port_id,
    strftime(m.as_of_at - interval 365 days, '%Y-%m-%d') as uptime_reporting_start,
    strftime(m.as_of_at, '%Y-%m-%d') as uptime_reporting_end,
    case when a.covered_s >= cast(0.9 as decimal(2, 1)) * a.window_s
            then round(100.0 * (a.covered_s - a.open_outage_s) / a.covered_s, 2)
    end as uptime,
    round((a.inoperative_s + a.outoforder_s) / 60.0, 2) as total_outage,
    round((a.inoperative_s + a.outoforder_s - a.open_outage_s) / 60.0, 2) as total_outage_excl,
    round(a.covered_s / 60.0, 2) as observed_minutes,
    a.covered_s / nullif(a.window_s, 0) as coverage_share
from matching_evses($places) as e
join mart.availability as a on e.canonical_evse = a.canonical_evse
cross join as_of as m
where a.basis = $basis and a."window" = '12m'
order by station_id, port_id
