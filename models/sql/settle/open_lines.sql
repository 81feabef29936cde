-- What open months hold: each CDR that no locked month holds, and, for those that one holds,
-- the difference to it. A locked month is never changed; the difference posts to the next open one.
create or replace temp table settle_open as
with booked as (
    select
        partner,
        cdr_country_code,
        cdr_party_id,
        cdr_id,
        bool_or(kind = 'cdr') as has_main,
        sum(energy_kwh) as energy_kwh,
        sum(claimed_excl_vat) as claimed_excl_vat,
        sum(payable_excl_vat) as payable_excl_vat,
        sum(disputed_excl_vat) as disputed_excl_vat,
        sum(rejected_excl_vat) as rejected_excl_vat,
        sum(expected_excl_vat) as expected_excl_vat,
        sum(conceded_excl_vat) as conceded_excl_vat,
        sum(claimed_incl_vat) as claimed_incl_vat
    from settle_booked_lines
    group by all
),

posted as (
    select
        s.* replace (
            case when b.energy_kwh is null then s.energy_kwh
                else s.energy_kwh - b.energy_kwh
            end as energy_kwh,
            {remaining}
        ),
        coalesce(p.posting_month, s.natural_month) as month,
        case when b.has_main then 'correction' else 'cdr' end as kind
    from settle_live as s
    left join booked as b using (partner, cdr_country_code, cdr_party_id, cdr_id)
    left join settle_posting as p
        on s.partner = p.partner and s.natural_month = p.natural_month
)

select * from posted
where kind = 'cdr'
    or claimed_excl_vat <> 0 or payable_excl_vat <> 0 or disputed_excl_vat <> 0
    or rejected_excl_vat <> 0 or energy_kwh <> 0
