-- Uptime by the three definitions over one window, and how much of it anybody observed.
with chosen as (
    select canonical_evse, power_kw
    from mart.evses
    where removed_at is null
    and ($partner is null or partner = $partner)
    and ($party is null or country_code || '/' || party_id = $party)
    and ($country is null or country = $country)
    and ($operator is null or operator = $operator)
    and ($power is null or power_class = $power)
    and ($standard is null or list_contains(standards, $standard))
)

select
    count(*) as evse_count,
    count(*) filter (where a.covered_s > 0) as covered_count,
    count(*) filter (where c.power_kw >= 50) as rapid_count,
    sum(a.covered_s) / nullif(sum(a.window_s), 0) as coverage_share,
    (sum(a.covered_s) - sum(a.open_outage_s)) / nullif(sum(a.covered_s), 0) as us_share,
    sum(a.open_reliable_s) filter (where c.power_kw >= 50)
        / nullif(sum(a.open_s) filter (where c.power_kw >= 50), 0) as uk_share,
    sum(a.available_s + a.charging_s + a.reserved_s)
        / nullif(sum(a.covered_s - a.planned_s - a.removed_s), 0) as strict_share,
    sum(a.unknown_s) / nullif(sum(a.covered_s - a.planned_s - a.removed_s), 0) as unknown_share,
    sum(a.charging_s) / nullif(sum(a.covered_s - a.planned_s - a.removed_s), 0) as charging_share
from chosen as c
join mart.availability as a on c.canonical_evse = a.canonical_evse
where a.basis = $basis and a."window" = $window
