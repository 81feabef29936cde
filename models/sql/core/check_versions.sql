-- Versions in `known_versions` that overlap the next one of their object, or end before they begin.
with bounds as (
    select
        c.partner, c.country_code, c.party_id, c.id,
        coalesce(c.valid_to_at, timestamptz 'infinity') > lead(c.valid_from_at) over one_object
            as is_overlapping,
        c.valid_to_at <= c.valid_from_at as ends_early
    from known_versions as c
    window one_object as (
        partition by c.partner, c.country_code, c.party_id, lower(c.id) order by c.valid_from_at
    )
),
violations as (
    select concat_ws('/', b.partner, b.country_code, b.party_id, b.id) as example
    from bounds as b
    where b.is_overlapping or b.ends_early
)
select
    (select count(*) from violations) as violations,
    (select list(example) from (
        select distinct v.example from violations as v order by v.example limit 5
    )) as examples
