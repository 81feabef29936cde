-- The EVSEs still there that a choice of places (JSON) asks for; what it leaves out, or null, asks for
-- all.
create or replace macro matching_evses(places) as table
    select e.*
    from mart.evses as e
    where e.removed_at is null
        and matches_place(
            e.partner, e.country_code, e.party_id, e.country, e.region, coalesce(e.city, 'unknown'),
            e.operator, e.power_class, places
        )
        and (
            choice(places, 'standard') is null
            or list_contains(e.standards, choice(places, 'standard'))
        )
        and (
            choice(places, 'least_kw') is null
            or e.power_kw >= cast(choice(places, 'least_kw') as double)
        )
        and lies_within(e.latitude, e.longitude, places)
