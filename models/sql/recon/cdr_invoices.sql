-- recon_cdr_invoices: the invoice that lists each CDR, the first where several do.
create temp table recon_cdr_invoices as
select c.n, min(l.invoice_id) as invoice_id
from recon_claims as c
join recon_invoice_entries as l
    on l.partner = c.partner and l.country_code = c.country_code
        and l.party_id = c.party_id and l.cdr_key = left(c.id_key, 36)
where l.place = 1
group by c.n
