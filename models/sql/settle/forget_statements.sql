-- Takes out the statements of open months, and all of partners that are made anew.
delete from settle.statements as s
where s.partner in (select partner from settle_anew)
    or not exists (
        select 1 from settle_locked as m where m.partner = s.partner and m.month = s.month
    )
