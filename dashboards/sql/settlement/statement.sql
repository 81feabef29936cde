-- The statements of one partner's month, with every figure.
select * from settle.statements
where partner = $partner and month = $month
order by direction, section, cdr_count desc, country_code, party_id, currency
