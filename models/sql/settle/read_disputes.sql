-- What is contested in them, the largest first. What an invoice bills beyond them is not of the statement.
select * from settle.disputes
where partner = $partner and month = $month and subject <> 'invoice'
    and ($country_code is null or (country_code = $country_code and party_id = $party_id))
    and ($currency is null or currency = $currency)
order by partner, country_code, party_id, month, currency, direction, section, contested_excl_vat desc, subject_id, dispute_id
