-- What the UK's yearly report rests on (PCPR 2023, regulation 8): each rapid EVSE of the calendar
-- year, with its opening minutes by what they count as.
select
    e.operator, coalesce(e.evse_id, e.uid) as evse, e.location_name, e.postal_code, e.power_kw,
    a."window" as calendar_year_so_far,
    round(a.open_s / 60.0, 2) as opening_minutes_observed,
    round(a.open_reliable_s / 60.0, 2) as reliable_minutes,
    round(a.open_outage_s / 60.0, 2) as not_working_minutes,
    round((a.planned_s + a.removed_s) / 60.0, 2) as left_out_minutes,
    a.open_reliable_s / nullif(a.open_s, 0) as reliable_share,
    a.covered_s / nullif(a.window_s, 0) as coverage_share
from matching_evses($places) as e
join mart.availability as a on e.canonical_evse = a.canonical_evse
where a.basis = $basis and a."window" = 'year' and e.country = 'GBR' and e.power_kw >= 50
order by e.operator, evse
