-- Believes none of a party's removals.
delete from {missing}
where country_code = $country_code and party_id = $party_id
