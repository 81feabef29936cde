-- Earlier months of CDRs that are credited in a partner's month, by whose statement it is.
select distinct l.country_code, l.party_id, l.currency, o.month
from settle.statement_lines as l
inner join recon.cdrs as r
    on l.partner = r.partner and l.cdr_country_code = r.country_code
        and l.cdr_party_id = r.party_id and l.cdr_id = r.id
inner join settle.statement_lines as o
    on r.partner = o.partner and r.country_code = o.cdr_country_code
        and r.party_id = o.cdr_party_id and r.credits_id = o.cdr_id and o.kind = 'cdr'
where l.partner = $partner and l.month = $month and l.credit and o.month < l.month
order by all
