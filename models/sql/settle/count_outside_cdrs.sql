-- CDRs that are in no statement.
select count(*)
from core.cdrs as c
anti join settle.statement_lines as l
    on c.partner = l.partner and c.country_code = l.cdr_country_code
        and c.party_id = l.cdr_party_id and c.id = l.cdr_id
