-- Their lines, with what a reader needs of each CDR.
with lines as (
    select * from settle.statement_lines
    where partner = $partner and month = $month
        and ($country_code is null or (country_code = $country_code and party_id = $party_id))
        and ($currency is null or currency = $currency)
)

select
    l.*,
    c.session_id,
    c.start_at,
    c.end_at,
    c.location_name,
    c.city,
    c.evse_id,
    c.connector_power_type,
    c.invoice_reference_id,
    s.status as month_status
from lines as l
left join settle.statements as s
    using (partner, country_code, party_id, month, currency, direction, section)
left join core.cdrs as c
    on l.partner = c.partner and l.cdr_country_code = c.country_code
        and l.cdr_party_id = c.party_id and l.cdr_id = c.id
order by
    l.country_code, l.party_id, l.currency, l.direction, l.section, l.basis_at,
    l.cdr_country_code, l.cdr_party_id, l.cdr_id, l.kind
