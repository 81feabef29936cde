-- settle_open: the lines of open months: each CDR in scope that no locked month holds, and, for
-- those that one holds, the difference to it. A locked month is never changed; the difference
-- posts to the next open one. The exchange rate comes later (insert_lines.sql).
create or replace temp view settle_open as
with posted as (
    select
        s.* replace (
            case when b.energy_kwh is null then s.energy_kwh
                else s.energy_kwh - b.energy_kwh
            end as energy_kwh,
            {remaining}
        ),
        case when b.has_main then 'correction' else 'cdr' end as kind
    from settle_live as s
    left join settle_booked as b on s.n = b.n
)

select * from posted
where kind = 'cdr'
    or claimed_excl_vat <> 0 or payable_excl_vat <> 0 or disputed_excl_vat <> 0
    or rejected_excl_vat <> 0 or energy_kwh <> 0
