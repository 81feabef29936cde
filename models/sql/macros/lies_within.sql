-- Whether a point lies in the area and the circle that a choice of places (JSON) asks for; null asks
-- for all. An area is a box in degrees; a circle has a centre and kilometres.
create or replace macro lies_within(latitude, longitude, places) as
(
    choice(places, 'west') is null
    or (
        longitude >= cast(choice(places, 'west') as double)
        and longitude <= cast(choice(places, 'east') as double)
        and latitude >= cast(choice(places, 'south') as double)
        and latitude <= cast(choice(places, 'north') as double)
    )
)
and (
    choice(places, 'radius_km') is null
    or distance_km(
        cast(choice(places, 'latitude') as double), cast(choice(places, 'longitude') as double),
        latitude, longitude
    ) <= cast(choice(places, 'radius_km') as double)
)
