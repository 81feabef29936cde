-- Charges at the places that a choice (JSON) asks for. A place that no location lists has no area and
-- no connector.
create or replace macro charges_at(places) as table
    select c.*
    from mart.charges as c
    where matches_place(
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
