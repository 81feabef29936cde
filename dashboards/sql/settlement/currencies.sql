-- Currencies of the roaming claims against us, by how many CDRs are in them.
select currency, sum(cdr_count) as cdr_count
from settle.statements
where direction = 'payable' and section = 'roaming'
    and ($month is null or month = $month) and ($partners is null or list_contains($partners, partner))
group by currency
order by cdr_count desc, currency
