-- Status intervals that overlap the next, end before they begin, or were not seen within themselves.
with judged as (
  select
    c.partner, c.country_code, c.party_id, c.location_id, c.evse_uid, c.from_at,
    coalesce(c.to_at, timestamptz 'infinity') > lead(c.from_at) over one_evse as overlaps,
    c.to_at < c.from_at as ends_early,
    c.observed_until_at > c.to_at as seen_late
  from core.evse_status as c
  window one_evse as (
    partition by c.partner, c.country_code, c.party_id, c.location_id, c.evse_uid
    order by c.from_at
  )
),
wrong as (
  select concat_ws('/', w.partner, w.country_code, w.party_id, w.location_id, w.evse_uid) as example
  from judged as w
  where w.overlaps or w.ends_early or w.seen_late
)
select
  (select count(*) from wrong) as violations,
  (select list(example) from (
    select distinct example from wrong order by example limit 5
  )) as examples
