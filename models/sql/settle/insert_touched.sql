-- The months of partners that lines are taken out of, or put into.
insert into settle_touched
select l.partner, l.month
from settle.statement_lines as l
inner join settle_live as s
    on l.partner = s.partner and l.cdr_country_code = s.cdr_country_code
        and l.cdr_party_id = s.cdr_party_id and l.cdr_id = s.cdr_id
anti join settle_locked as m on l.partner = m.partner and l.month = m.month
union
select partner, month from settle_open
union
select partner, month from settle_locked
where partner in (select partner from settle_rebuilt)
