-- The connectors of EVSEs that a choice of places (JSON) asks for; the power and the connector type
-- asked for are those of the connector itself.
create or replace macro matching_connectors(places) as table
    select
        k.*, e.country, e.operator, e.region, e.city, e.location_name, e.latitude, e.longitude,
        e.status, e.status_from_at, e.seen_at
    from matching_evses(json_merge_patch(cast(places as json), '{"power": null}')) as e
    join mart.connectors as k on e.canonical_evse = k.canonical_evse
    where (choice(places, 'power') is null or k.power_class = choice(places, 'power'))
        and (choice(places, 'standard') is null or k.standard = choice(places, 'standard'))
        and (
            choice(places, 'least_kw') is null
            or k.power_kw >= cast(choice(places, 'least_kw') as double)
        )
