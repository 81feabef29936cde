-- Takes out the VAT of the fees of open months that were touched.
delete from settle.line_vat as v
using settle.statement_lines as l
where l.kind = 'fee' and v.partner = l.partner and v.cdr_country_code = l.cdr_country_code
    and v.cdr_party_id = l.cdr_party_id and v.cdr_id = l.cdr_id and v.month = l.month
    and exists (select 1 from settle_touched as k where k.partner = l.partner and k.month = l.month)
    and not exists (
        select 1 from settle_locked as m where m.partner = l.partner and m.month = l.month
    )
