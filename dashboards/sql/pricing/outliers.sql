-- Offers whose price lies far from that of their peers, the farthest first.
select
    operator, tariff_ids, connector_count, currency, per_kwh_excl_vat,
    peer_median_excl_vat as peer_median_per_kwh_excl_vat,
    per_kwh_excl_vat - peer_median_excl_vat as difference_per_kwh_excl_vat,
    country, partner, country_code, party_id
from matching_baskets($places, $power, $moment, $idle_min)
where currency = $currency and is_outlier
order by abs(per_kwh_excl_vat - peer_median_excl_vat) desc, connector_count desc, partner, offer
