-- A credit of a line that nothing was found for, of the invoice that the credit note names, by the same
-- reference: it gives back what was contested of that line.
update invoice_line_facts as f
set match_kind = 'invoice', contested_excl_vat = -least(-f.amount_excl_vat, w.contested_excl_vat)
from invoice_documents as d
inner join (
    select i, lower(reference) as reference, sum(contested_excl_vat) as contested_excl_vat
    from invoice_line_facts
    where match_kind = 'none' and contested_excl_vat > 0
    group by all
) as w on d.corrected = w.i
where f.i = d.i and d.is_credit and f.match_kind = 'none' and f.amount_excl_vat < 0
    and lower(f.reference) = w.reference
