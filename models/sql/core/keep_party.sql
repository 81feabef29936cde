-- Believes none of a party's removals.
update live_objects
set is_missing = false
where country_code = $country_code and party_id = $party_id
