-- The priced lines of one CDR by one tariff source, each with the start of its charging period.
select
    l.dimension, l.quantity, l.billed_quantity, l.unit_price, l.currency, l.amount_excl_vat, l.vat_rate,
    l.amount_incl_vat, l.tariff_id, l.element_index, p.start_at
from rating.lines as l
left join core.charging_periods as p
    on l.partner = p.partner and l.country_code = p.country_code and l.party_id = p.party_id
        and l.cdr_id = p.cdr_id and l.period_index = p.period_index
where l.cdr_id = $id and l.partner = $partner and l.country_code = $country_code
    and l.party_id = $party_id and l.source = $source
order by l.line_index
