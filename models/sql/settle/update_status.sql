-- Open months may be soft-closed, or opened again, without anything else in them changing.
update settle.statements as s
set
    status = coalesce(
        (select p.status from settle_months as p where p.partner = s.partner and p.month = s.month),
        'open'
    )
where not exists (
        select 1 from settle_locked as m where m.partner = s.partner and m.month = s.month
    )
