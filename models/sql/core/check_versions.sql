-- Versions that overlap the next one of their object, or end before they begin.
with judged as (
  select
    c.partner, c.country_code, c.party_id, c.id,
    coalesce(c.valid_to_at, timestamptz 'infinity') > lead(c.valid_from_at) over one_object
      as overlaps,
    c.valid_to_at <= c.valid_from_at as ends_early
  from {table} as c
  window one_object as (
    partition by c.partner, c.country_code, c.party_id, lower(c.id) order by c.valid_from_at
  )
),
wrong as (
  select concat_ws('/', w.partner, w.country_code, w.party_id, w.id) as example
  from judged as w
  where w.overlaps or w.ends_early
)
select
  (select count(*) from wrong) as violations,
  (select list(example) from (
    select distinct example from wrong order by example limit 5
  )) as examples
