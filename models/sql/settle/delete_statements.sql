-- Takes out the statements of open months that lines are taken out of, or put into.
delete from settle.statements as s
using settle_touched as m
where m.partner = s.partner and m.month = s.month
    and not exists (
        select 1 from settle_locked as k where k.partner = s.partner and k.month = s.month
    )
