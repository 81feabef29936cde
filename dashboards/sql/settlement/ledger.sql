-- The journal of a month by account: what is debited and credited, which is the same in all.
with sides as (
    select partner, currency, debit as account, amount as debit, 0 as credit
    from settle.journal
    where month = $month
    union all
    select partner, currency, credit, 0, amount
    from settle.journal
    where month = $month
)

select
    replace(replace(account, '_', ' '), 'vat', 'VAT') as account, currency,
    cast(sum(debit) as decimal(18, 6)) as debit_amount,
    cast(sum(credit) as decimal(18, 6)) as credit_amount
from sides
where $partners is null or list_contains($partners, partner)
group by account, currency
order by currency, account
