-- What our drivers charged at the places that a choice (JSON) asks for, billed in one currency, with
-- the first day of its month or week. A place that no location lists has no area and no connector.
create or replace macro matching_charges(places, grain, in_currency) as table
    select
        c.*,
        cast(date_trunc(grain, c.ended_on) as date) as begins_on
    from mart.charges as c
    where c.currency = in_currency
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
