-- The statements of one partner's month.
select * from settle.statements
where partner = $partner and month = $month
    and ($country_code is null or (country_code = $country_code and party_id = $party_id))
    and ($currency is null or currency = $currency)
order by
    partner, country_code, party_id, month, currency,
    -- Compensation comes last, and months that were locked keep the order they were hashed in.
    direction = 'compensation', direction, section
