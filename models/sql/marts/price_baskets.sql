-- Baskets beside those of their peers: other offers of the same country, class and currency. An
-- outlier lies more than three median distances off, a distance of less than 5 % of the median
-- counting as that much; with fewer than five peers nobody can tell.
insert into mart.price_baskets by name
with medians as (
    select
        country, power_class, currency, moment, idle_min,
        count(per_kwh_excl_vat) as peers,
        median(per_kwh_excl_vat) as peer_median
    from basket_prices
    where per_kwh_excl_vat is not null
    group by all
),

distances as (
    select
        b.country, b.power_class, b.currency, b.moment, b.idle_min,
        median(abs(b.per_kwh_excl_vat - m.peer_median)) as peer_mad
    from basket_prices as b
    join medians as m using (country, power_class, currency, moment, idle_min)
    where b.per_kwh_excl_vat is not null
    group by all
)

select
    b.*,
    cast(m.peer_median as decimal(18, 6)) as peer_median_excl_vat,
    cast(d.peer_mad as decimal(18, 6)) as peer_mad_excl_vat,
    case
        when m.peers >= 5 and b.per_kwh_excl_vat is not null
            then abs(b.per_kwh_excl_vat - m.peer_median)
                > 3 * greatest(d.peer_mad, cast(0.05 as decimal(3, 2)) * m.peer_median)
    end as is_outlier
from basket_prices as b
left join medians as m using (country, power_class, currency, moment, idle_min)
left join distances as d using (country, power_class, currency, moment, idle_min)
