-- The lines of open months, with the exchange rate of the day the session ended, else of the last
-- day before that has one.
insert into settle.statement_lines by name
select
    o.partner, o.country_code, o.party_id, o.month, o.currency, o.direction, o.section,
    o.cdr_country_code, o.cdr_party_id, o.cdr_id, o.kind, o.natural_month, o.basis_at,
    o.verdict, o.credit, o.energy_kwh,
    o.claimed_excl_vat, o.payable_excl_vat, o.disputed_excl_vat, o.rejected_excl_vat,
    o.expected_excl_vat, o.expected_published_excl_vat, o.expected_agreement_excl_vat,
    o.conceded_excl_vat, o.settled_excl_vat, o.claimed_incl_vat,
    o.vat_country,
    q.fx_quote, q.fx_reporting_quote, q.fx_date,
    convert_amount(o.claimed_excl_vat, q.fx_quote, q.fx_reporting_quote)
        as claimed_reporting_excl_vat,
    convert_amount(o.payable_excl_vat, q.fx_quote, q.fx_reporting_quote)
        as payable_reporting_excl_vat,
    convert_amount(o.disputed_excl_vat, q.fx_quote, q.fx_reporting_quote)
        as disputed_reporting_excl_vat,
    o.cause, o.rules, o.message
from settle_open as o
left join settle_day_rates as q on o.currency = q.currency and o.ended_on = q.ended_on
