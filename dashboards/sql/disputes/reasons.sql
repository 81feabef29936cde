-- Root causes that disputes have.
select coalesce(reason_code, 'unknown') as reason_code, count(*) as dispute_count
from settle.disputes
where contested_excl_vat <> 0 or coalesce(contested_vat, 0) <> 0 or state <> 'detected'
group by coalesce(reason_code, 'unknown')
order by dispute_count desc, reason_code
