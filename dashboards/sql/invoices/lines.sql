-- The lines of an invoice beside the CDRs that they were matched with, those that differ first.
select
    l.line_number,
    coalesce(l.cdr_reference, l.session_reference, l.evse_id, l.description) as bills,
    l.amount_excl_vat as billed_excl_vat,
    l.claimed_excl_vat,
    l.payable_excl_vat,
    l.contested_excl_vat,
    l.vat_rate,
    l.match_kind as matched_by,
    l.cdr_id,
    l.cdr_count,
    c.end_at as charged_at,
    c.location_name,
    l.energy_kwh as billed_kwh,
    c.total_energy_kwh as cdr_kwh,
    l.rules,
    i.currency,
    l.cdr_country_code,
    l.cdr_party_id
from settle.invoice_lines as l
inner join settle.invoices as i using (partner, country_code, party_id, number)
left join core.cdrs as c
    on l.partner = c.partner and l.cdr_country_code = c.country_code
        and l.cdr_party_id = c.party_id and l.cdr_id = c.id
where l.partner = $partner and l.country_code = $country_code and l.party_id = $party_id
    and l.number = $number
order by len(l.rules) > 0 desc, l.contested_excl_vat desc, l.line_number
