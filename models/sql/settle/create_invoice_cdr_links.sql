-- invoice_cdr_links: every CDR of every line (invoice_matches one by one, invoice_units for sums).
create or replace temp table invoice_cdr_links as
select i, n, c from invoice_matches
union all
select i, n, c from invoice_units
