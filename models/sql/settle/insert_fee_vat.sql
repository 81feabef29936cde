-- The VAT of the agreed fees, in the country of whom they are owed to.
insert into settle.line_vat by name
select
    partner, country_code as cdr_country_code, party_id as cdr_party_id, fee_id as cdr_id, month,
    country_code as vat_country, vat_bucket, vat_rate, amount as payable_excl_vat
from settle_fees
