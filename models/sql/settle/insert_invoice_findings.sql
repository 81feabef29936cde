-- What the rules found about invoices and their lines.
insert into settle.invoice_findings by name
select * exclude (i, n, position) from received_findings
