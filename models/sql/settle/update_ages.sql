-- What is disputed ages in every open month, touched or not.
update settle.statements as s
set
    disputed_0_30_days_excl_vat = coalesce(a.up_to_30, 0),
    disputed_31_60_days_excl_vat = coalesce(a.up_to_60, 0),
    disputed_61_90_days_excl_vat = coalesce(a.up_to_90, 0),
    disputed_over_90_days_excl_vat = coalesce(a.over_90, 0)
from (
    select
        partner, country_code, party_id, month, currency, direction, section,
        sum(disputed_excl_vat) filter (where days <= 30) as up_to_30,
        sum(disputed_excl_vat) filter (where days > 30 and days <= 60) as up_to_60,
        sum(disputed_excl_vat) filter (where days > 60 and days <= 90) as up_to_90,
        sum(disputed_excl_vat) filter (where days > 90) as over_90
    from (
        select *, date_diff('day', basis_at, $as_of) as days
        from settle.statement_lines
        anti join settle_locked using (partner, month)
        where disputed_excl_vat <> 0
    )
    group by all
) as a
where s.partner = a.partner and s.country_code = a.country_code and s.party_id = a.party_id
    and s.month = a.month and s.currency = a.currency and s.direction = a.direction
    and s.section = a.section
