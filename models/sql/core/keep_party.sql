-- Believes none of a party's removals but those that enough complete lists agree on.
update live_objects
set is_missing = false, is_kept = true
where country_code = $country_code
    and party_id = $party_id
    and is_missing
    and lists + 1 < $enough_lists
