-- CDRs that are in more than one statement.
select count(*)
from (
    select partner, cdr_country_code, cdr_party_id, cdr_id
    from settle.statement_lines
    where kind = 'cdr'
    group by all
    having count(*) > 1
)
