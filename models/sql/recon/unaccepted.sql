-- recon_unaccepted: claims in the name of a party that their connection does not act for, where the contract
-- does not let them pass. They take no other claim's session, place or time: whoever makes them up would
-- have the party's own claim refused.
create temp table recon_unaccepted as
select c.n
from recon_claims as c
join recon_terms as t on t.partner = c.partner and t.refuses_unaccepted
anti join recon_parties as a
    on a.partner = c.partner and a.country_code = c.country_code and a.party_id = c.party_id
