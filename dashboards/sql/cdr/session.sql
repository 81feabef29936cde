-- The session a CDR bills.
select * from core.sessions
where id = $session_id and partner = $partner and country_code = $country_code
    and party_id = $party_id
