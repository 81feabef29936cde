-- Invoices of a partner, of a month, or all; those with something contested first.
select
    number,
    partner,
    country_code || '/' || party_id as party,
    case type_code
        when '381' then 'credit note'
        when '384' then 'corrected invoice'
        else case when is_credit then 'credit note' else 'invoice' end
    end as what,
    issued_on, month, currency,
    replace(verdict, '_', ' ') as verdict,
    total_excl_vat, claimed_excl_vat, payable_excl_vat, contested_excl_vat,
    payable_vat as tax_amount,
    payable_incl_vat, statement_claimed_excl_vat, statement_payable_excl_vat,
    missing_count, missing_excl_vat, line_count, matched_count, cdr_count,
    array_to_string(corrects, ', ') as corrects,
    seller_name, imported_at, imported_by, message, country_code, party_id
from settle.invoices
where ($month is null or month = $month) and ($partners is null or list_contains($partners, partner))
order by contested_excl_vat > 0 desc, issued_on desc, partner, number
