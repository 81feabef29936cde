-- recon_travel: from where, how far and how fast a token came from its charge before, by great
-- circle. After a week any place on Earth is within reach. Less than a minute counts as one.
create temp table recon_travel as
with ordered as (
    select
        l.n, l.start_at, l.latitude, l.longitude,
        lag(l.id) over of_token as from_id,
        lag(l.end_at) over of_token as left_at,
        lag(l.latitude) over of_token as from_latitude,
        lag(l.longitude) over of_token as from_longitude
    from recon_charges as l
    where l.token_key is not null and l.token_type is distinct from 'AD_HOC_USER'
    window of_token as (
        partition by l.token_key order by l.start_at, l.made_at, l.id, l.partner
    )
),
moved as (
    select
        o.n, o.from_id,
        greatest(60, (epoch_us(o.start_at) - epoch_us(o.left_at)) // 1000000) as travel_s,
        2 * 6371 * asin(least(1, sqrt(
            pow(sin(radians(o.latitude - o.from_latitude) / 2), 2)
            + cos(radians(o.latitude)) * cos(radians(o.from_latitude))
            * pow(sin(radians(o.longitude - o.from_longitude) / 2), 2)
        ))) as travel_km
    from ordered as o
    where o.left_at <= o.start_at
        and o.start_at < o.left_at + interval 7 days
        and (o.latitude <> o.from_latitude or o.longitude <> o.from_longitude)
)
select
    m.n,
    m.from_id,
    cast(m.travel_s as bigint) as travel_s,
    m.travel_km,
    m.travel_km / m.travel_s * 3600 as km_per_h
from moved as m
where m.travel_km / m.travel_s * 3600 > 50
