-- Takes the rows of the CDRs in scope out of the lines, but for those of locked months.
delete from settle.statement_lines as l
using settle_live as s
where l.partner = s.partner and l.cdr_country_code = s.cdr_country_code
    and l.cdr_party_id = s.cdr_party_id and l.cdr_id = s.cdr_id
    and not exists (
        select 1 from settle_locked as m where m.partner = l.partner and m.month = l.month
    )
