-- The priced lines of one CDR by one tariff source.
select
    line_index, period_index, dimension, part, quantity, billed_quantity, unit_price, currency,
    amount_excl_vat as unrounded_excl_vat, vat_rate, amount_incl_vat as unrounded_incl_vat,
    tariff_id, element_index
from rating.lines
where cdr_id = $id and partner = $partner and country_code = $country_code
    and party_id = $party_id and source = $source
order by line_index
