-- Statements whose entries are not what they pay and dispute.
with posted as (
    select
        partner, country_code, party_id, month, currency, direction, section,
        sum(case when debit in ('payable', 'revenue') then -amount else amount end)
        filter (where kind = 'charging') as payable_excl_vat,
        sum(case when debit = 'dispute_reserve' then -amount else amount end)
        filter (where kind = 'dispute_reserve') as disputed_excl_vat
    from settle.journal
    group by all
)

select count(*)
from settle.statements as s
left join posted as b
    using (partner, country_code, party_id, month, currency, direction, section)
where s.payable_excl_vat <> coalesce(b.payable_excl_vat, 0)
    or (s.direction = 'payable' and s.disputed_excl_vat <> coalesce(b.disputed_excl_vat, 0))
