-- Takes out the VAT of the statements that lines are taken out of, or put into.
delete from settle.statement_vat as v
where v.partner in (select partner from settle_rebuilt)
    or exists (
        select 1 from settle_touched as m where m.partner = v.partner and m.month = v.month
    )
