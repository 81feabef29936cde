-- Takes out the fees of open months that were touched.
delete from settle.statement_lines as l
where l.kind = 'fee'
    and exists (select 1 from settle_touched as k where k.partner = l.partner and k.month = l.month)
    and not exists (
        select 1 from settle_locked as m where m.partner = l.partner and m.month = l.month
    )
