-- The CDRs of each line, and of a credit what it settles of their disputes.
insert into settle.invoice_cdrs by name
select
    d.partner, d.country_code, d.party_id, d.number, r.line_number,
    c.cdr_country_code, c.cdr_party_id, c.cdr_id,
    coalesce(x.credited_excl_vat, 0) as credited_excl_vat
from (
    select i, n, c from invoice_cdr_links
    union
    select i, n, c from invoice_credits
) as k
inner join invoice_documents as d on k.i = d.i
inner join invoice_rows as r on k.n = r.n
inner join invoice_cdrs as c on k.c = c.c
left join invoice_credits as x on k.n = x.n and k.c = x.c
