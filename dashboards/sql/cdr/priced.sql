-- What one CDR should have cost, by each tariff source.
select * from rating.cdrs
where cdr_id = $id and partner = $partner and country_code = $country_code
    and party_id = $party_id
order by source
