-- The payable amounts of one partner's month by country and rate.
select
    country_code, party_id, direction, section, vat_country, vat_bucket, cdr_count, currency,
    payable_excl_vat, vat_amount
from settle.statement_vat
where partner = $partner and month = $month
order by direction, section, country_code, party_id, currency, vat_country, vat_bucket
