-- Offers whose price lies far from that of their peers, the farthest first.
select
    partner, country_code, party_id, country, operator, tariff_ids, connector_count, currency,
    per_kwh_excl_vat, peer_median_excl_vat as peer_median_per_kwh_excl_vat,
    per_kwh_excl_vat - peer_median_excl_vat as difference_per_kwh_excl_vat
from mart.price_baskets
where ($partner is null or partner = $partner)
    and ($country is null or country = $country)
    and ($operator is null or operator = $operator)
    and power_class = $power and moment = $moment and idle_min = $idle_min
    and currency = $currency and is_outlier
order by abs(per_kwh_excl_vat - peer_median_excl_vat) desc, connector_count desc, partner, offer
