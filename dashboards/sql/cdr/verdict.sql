-- What was made of one CDR.
select * from recon.cdrs
where id = $id and partner = $partner and country_code = $country_code and party_id = $party_id
