-- Currencies of the roaming claims against us, by how many CDRs are in them.
select currency, sum(cdr_count) as cdr_count
from settle.statements
where direction = 'payable' and section = 'roaming'
    and ($month is null or month = $month) and ($partner is null or partner = $partner)
group by currency
order by cdr_count desc, currency
