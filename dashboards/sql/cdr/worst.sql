-- CDRs with the most money in doubt: where to begin looking.
select
    partner, country_code, party_id, id, verdict, cause, currency, at_stake_excl_vat,
    claimed_excl_vat, expected_excl_vat
from recon.cdrs
where ($partner is null or partner = $partner) and verdict <> 'agreed'
order by abs(coalesce(disputed_excl_vat, 0)) + abs(coalesce(rejected_excl_vat, 0)) desc, id
limit 100
