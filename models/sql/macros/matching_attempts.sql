-- Attempts to charge of the last days before the newest page, at the places that a choice (JSON) asks
-- for; an area asks for EVSEs that a location lists.
create or replace macro matching_attempts(places, days) as table
    select c.*
    from mart.charges as c
    where c.counts
        and c.end_at > (select max(fetched_at) from ops.pages) - to_days(cast(days as integer))
        and c.end_at <= (select max(fetched_at) from ops.pages)
        and matches_place(
            c.partner, c.country_code, c.party_id, c.country, c.region, c.city, c.operator,
            c.power_class, places
        )
        and (
            coalesce(
                choice(places, 'standard'), choice(places, 'least_kw'), choice(places, 'west'),
                choice(places, 'radius_km')
            ) is null
            or c.canonical_evse in (select canonical_evse from matching_evses(places))
        )
