-- One CDR as claimed.
select * from core.cdrs
where id = $id and partner = $partner and country_code = $country_code and party_id = $party_id
