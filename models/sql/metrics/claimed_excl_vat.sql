-- What roaming partners' statements say is claimed, before taxes.
select month, partner, currency, sum(claimed_excl_vat) as "value"
from settle.statements
where direction = 'payable' and section = 'roaming'
group by month, partner, currency
order by month, partner, currency
