-- What each counterparty claims for a month, in each currency, and what of it is to be paid.
select
    partner,
    country_code || '/' || party_id as party,
    currency,
    direction,
    sum(cdr_count) as cdrs,
    sum(claimed_excl_vat) as claimed_excl_vat,
    sum(payable_excl_vat) as payable_excl_vat,
    sum(disputed_excl_vat) as disputed_excl_vat,
    sum(rejected_excl_vat) as rejected_excl_vat
from settle.statements
where month = $month
group by all
order by partner, party, currency, direction
