-- The tax of each invoice as received.
insert into settle.invoice_vat by name
select
    d.partner, d.country_code, d.party_id, d.number, t.position,
    t.vat_category, t.vat_rate, t.taxable_excl_vat, t.vat_amount
from invoice_taxes as t
inner join invoice_documents as d on t.i = d.i
