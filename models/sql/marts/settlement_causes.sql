-- What became of each statement's claims, and why.
insert into mart.settlement_causes by name
select
    partner, country_code, party_id, month, currency, direction, section, verdict,
    coalesce(cause, rules[1], 'none') as cause,
    count(*) filter (where kind <> 'fee') as cdr_count,
    sum(claimed_excl_vat) as claimed_excl_vat,
    sum(payable_excl_vat) as payable_excl_vat,
    sum(disputed_excl_vat) as disputed_excl_vat,
    sum(rejected_excl_vat) as rejected_excl_vat,
    sum(expected_excl_vat) as expected_excl_vat
from settle.statement_lines
group by
    partner, country_code, party_id, month, currency, direction, section, verdict,
    coalesce(cause, rules[1], 'none')
order by partner, country_code, party_id, month, currency, direction, section, verdict, cause
