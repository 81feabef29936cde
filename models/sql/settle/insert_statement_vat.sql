-- VAT of each statement of the months that were touched, by country and rate; the tax is rounded
-- once, on the sum (EN 16931 BR-CO-17). Unknown stays unknown; under reverse charge none is
-- charged.
insert into settle.statement_vat by name
with lines as (
    select l.*
    from settle.statement_lines as l
    semi join settle_touched as m on l.partner = m.partner and l.month = m.month
),

summed as (
    select
        partner, country_code, party_id, month, currency, direction, section,
        v.vat_country,
        v.vat_bucket,
        v.vat_rate,
        count(*) filter (where l.kind = 'cdr') as cdr_count,
        cast(sum(v.payable_excl_vat) as decimal(18, 6)) as payable_excl_vat
    from settle.line_vat as v
    inner join lines as l using (partner, cdr_country_code, cdr_party_id, cdr_id, month)
    group by all
)

select
    s.*,
    case
        when s.vat_bucket = 'reverse_charge' then cast(0 as decimal(18, 6))
        when s.vat_bucket = 'unknown' then cast(null as decimal(18, 6))
        else vat_of(s.payable_excl_vat, s.vat_rate, m.decimals)
    end as vat_amount
from summed as s
left join settle_minor_units as m on s.currency = m.currency
