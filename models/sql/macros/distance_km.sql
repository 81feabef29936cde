-- Kilometres between two points in degrees, on a sphere.
create or replace macro distance_km(latitude_a, longitude_a, latitude_b, longitude_b) as
12742 * asin(sqrt(least(
    1,
    power(sin(radians(latitude_b - latitude_a) / 2), 2)
    + cos(radians(latitude_a)) * cos(radians(latitude_b))
    * power(sin(radians(longitude_b - longitude_a) / 2), 2)
)))
