-- The CDRs of one partner's month, those with most money in doubt first: the first $most of them (null:
-- all), and beside each how many there are.
select
    cdr_id, basis_at, verdict, currency, claimed_excl_vat, disputed_excl_vat, rejected_excl_vat,
    payable_excl_vat, expected_excl_vat, energy_kwh, cause, message, kind,
    cdr_country_code, cdr_party_id, count(*) over () as row_count
from settle.statement_lines
where partner = $partner and month = $month
    and ($verdicts is null or list_contains($verdicts, verdict))
    and ($cause is null or coalesce(cause, rules[1], 'none') = $cause)
order by abs(disputed_excl_vat) + abs(rejected_excl_vat) desc, basis_at, cdr_id
limit $most
