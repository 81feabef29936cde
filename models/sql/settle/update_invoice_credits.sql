-- A credit note of a whole invoice gives back first what was contested of that one; the rest is taken off.
update invoice_line_facts as f
set contested_excl_vat = -least(-d.total_excl_vat, w.contested_excl_vat)
from invoice_documents as d
inner join (
    select i, sum(contested_excl_vat) as contested_excl_vat from invoice_line_facts group by i
) as w on d.corrected = w.i
where f.i = d.i and d.is_credit_of_whole and f.line_number = 1 and w.contested_excl_vat > 0
