-- Statements whose totals are not the sums of their lines, or whose VAT base is not what is payable.
with line_sums as (
    select
        partner, country_code, party_id, month, currency, direction, section,
        coalesce(sum(claimed_excl_vat), 0) as claimed_excl_vat,
        coalesce(sum(payable_excl_vat), 0) as payable_excl_vat,
        coalesce(sum(disputed_excl_vat), 0) as disputed_excl_vat,
        coalesce(sum(rejected_excl_vat), 0) as rejected_excl_vat
    from settle.statement_lines
    group by all
),

bases as (
    select
        partner, country_code, party_id, month, currency, direction, section,
        sum(payable_excl_vat) as base
    from settle.statement_vat
    group by all
)

select count(*)
from settle.statements as s
full join line_sums as l
    using (partner, country_code, party_id, month, currency, direction, section)
left join bases as b
    using (partner, country_code, party_id, month, currency, direction, section)
where s.claimed_excl_vat is distinct from coalesce(l.claimed_excl_vat, 0)
    or s.payable_excl_vat is distinct from coalesce(l.payable_excl_vat, 0)
    or s.disputed_excl_vat is distinct from coalesce(l.disputed_excl_vat, 0)
    or s.rejected_excl_vat is distinct from coalesce(l.rejected_excl_vat, 0)
    or s.payable_excl_vat <> coalesce(b.base, 0)
    or s.partner is null
