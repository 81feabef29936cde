-- The lines of an invoice beside the CDRs that they were matched with.
select l.*, c.start_at as cdr_start_at, c.location_name, c.evse_id as cdr_evse_id
from settle.invoice_lines as l
left join core.cdrs as c
    on l.partner = c.partner and l.cdr_country_code = c.country_code
        and l.cdr_party_id = c.party_id and l.cdr_id = c.id
where l.partner = $partner and l.country_code = $country_code and l.party_id = $party_id
    and l.number = $number
order by l.line_number
