-- The CDRs of each line.
insert into settle.invoice_cdrs by name
select
    d.partner, d.country_code, d.party_id, d.number, r.line_number,
    c.cdr_country_code, c.cdr_party_id, c.cdr_id
from invoice_cdr_links as k
inner join invoice_documents as d on k.i = d.i
inner join invoice_rows as r on k.n = r.n
inner join invoice_cdrs as c on k.c = c.c
