-- settle_open: the lines of open months: each CDR in scope that no locked month holds, and, for
-- those that one holds, the difference to it, be it in tax alone. A locked month is never changed; the difference
-- posts to the next open one. The exchange rate comes later (insert_lines.sql).
create or replace temp view settle_open as
with posted as (
    select
        s.* replace (
            case when k.energy_kwh is null then s.energy_kwh
                else s.energy_kwh - k.energy_kwh
            end as energy_kwh,
            left_to_post(s.claimed_excl_vat, k.claimed_excl_vat) as claimed_excl_vat,
            left_to_post(s.payable_excl_vat, k.payable_excl_vat) as payable_excl_vat,
            left_to_post(s.disputed_excl_vat, k.disputed_excl_vat) as disputed_excl_vat,
            left_to_post(s.rejected_excl_vat, k.rejected_excl_vat) as rejected_excl_vat,
            left_to_post(s.expected_excl_vat, k.expected_excl_vat) as expected_excl_vat,
            left_to_post(s.expected_published_excl_vat, k.expected_published_excl_vat)
                as expected_published_excl_vat,
            left_to_post(s.expected_agreement_excl_vat, k.expected_agreement_excl_vat)
                as expected_agreement_excl_vat,
            left_to_post(s.conceded_excl_vat, k.conceded_excl_vat) as conceded_excl_vat,
            left_to_post(s.settled_excl_vat, k.settled_excl_vat) as settled_excl_vat,
            left_to_post(s.claimed_incl_vat, k.claimed_incl_vat) as claimed_incl_vat
        ),
        case when k.has_main then 'correction' else 'cdr' end as kind
    from settle_live as s
    left join settle_kept as k on s.n = k.n
)

select * from posted
where kind = 'cdr'
    or claimed_excl_vat <> 0 or payable_excl_vat <> 0 or disputed_excl_vat <> 0
    or rejected_excl_vat <> 0 or energy_kwh <> 0
    or n in (select n from settle_vat_to_post)
