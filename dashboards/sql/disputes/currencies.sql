-- Currencies in which something is contested.
select currency, count(*) as dispute_count
from settle.disputes
where currency is not null and contested_excl_vat <> 0
    and ($partners is null or list_contains($partners, partner))
    and ($month is null or month = $month)
group by currency
order by dispute_count desc, currency
