-- The CDRs of one batch.
select
  partner,
  country_code,
  party_id,
  id,
  start_at,
  end_at,
  currency,
  period_count,
  credit,
  home_charging_compensation,
  zone,
  zone_assumed,
  embedded_hash,
  published_hash
from pending_cdrs
where pending_number >= $first and pending_number < $last
order by pending_number
