-- One standard basket at the connectors that a choice of places (JSON) asks for; null asks for all.
-- Their EVSEs may have a stronger connector of another class: the class asked for is the connector's.
create or replace macro matching_baskets(places, of_power, at_moment, idle) as table
    with counted as (
        select k.offer_key, count(*) as connector_count
        from matching_evses(places) as e
        join mart.connectors as k on e.canonical_evse = k.canonical_evse
        where of_power is null or k.power_class = of_power
        group by k.offer_key
    )

    select b.* replace (n.connector_count as connector_count)
    from mart.price_baskets as b
    join counted as n on b.offer_key = n.offer_key
    where b.moment = at_moment and b.idle_min = idle
