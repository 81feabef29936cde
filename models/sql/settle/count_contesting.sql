-- How many findings and lines contest something, roughly: at least as many as there will be disputes.
select
    (select count(*) from recon.findings where severity in ('dispute', 'fatal'))
    + (select count(*) from settle.statement_lines where disputed_excl_vat <> 0 or rejected_excl_vat <> 0)
