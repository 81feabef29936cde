-- Status intervals that overlap the next, end before they begin, or were not seen within themselves.
with bounds as (
    select
        c.partner, c.country_code, c.party_id, c.location_id, c.evse_uid, c.from_at,
        coalesce(c.to_at, timestamptz 'infinity') > lead(c.from_at) over one_evse as is_overlapping,
        c.to_at < c.from_at as ends_early,
        c.observed_until_at > c.to_at as seen_late
    from core.evse_status as c
    window one_evse as (
        partition by c.partner, c.country_code, c.party_id, c.location_id, c.evse_uid
        order by c.from_at
    )
),
violations as (
    select concat_ws('/', b.partner, b.country_code, b.party_id, b.location_id, b.evse_uid) as example
    from bounds as b
    where b.is_overlapping or b.ends_early or b.seen_late
)
select
    (select count(*) from violations) as violations,
    (select list(example) from (
        select distinct example from violations order by example limit 5
    )) as examples
