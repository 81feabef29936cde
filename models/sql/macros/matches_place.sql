-- Whether EVSEs, or a group of them, are among those that a choice of places (JSON) asks for; what
-- it leaves out, or null, asks for all.
create or replace macro matches_place(
    partner, country_code, party_id, country, region, city, operator, power_class, places
) as
(choices(places, 'partners') is null or list_contains(choices(places, 'partners'), partner))
and (choice(places, 'party') is null or country_code || '/' || party_id = choice(places, 'party'))
and (choice(places, 'country') is null or country = choice(places, 'country'))
and (choice(places, 'region') is null or region = choice(places, 'region'))
and (choice(places, 'city') is null or lower(city) = lower(choice(places, 'city')))
and (choice(places, 'operator') is null or lower(operator) = lower(choice(places, 'operator')))
and (choice(places, 'power') is null or power_class = choice(places, 'power'))
