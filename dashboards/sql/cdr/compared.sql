-- One CDR's parts as claimed, and as expected by one tariff source.
with both_sides as (
    select c.*, r.* exclude (partner, country_code, party_id, currency)
    from core.cdrs as c
    left join rating.cdrs as r
        on c.partner = r.partner and c.country_code = r.country_code
            and c.party_id = r.party_id and c.id = r.cdr_id and r.source = $source
    where c.id = $id and c.partner = $partner and c.country_code = $country_code
        and c.party_id = $party_id
),

parts as (
    select
        1 as place, 'Energy' as part, currency, total_energy_cost_excl_vat as claimed,
        energy_cost_excl_vat as expected
    from both_sides
    union all select 2, 'Time', currency, total_time_cost_excl_vat, time_cost_excl_vat
    from both_sides
    union all select 3, 'Parking', currency, total_parking_cost_excl_vat, parking_cost_excl_vat
    from both_sides
    union all select 4, 'Fixed', currency, total_fixed_cost_excl_vat, fixed_cost_excl_vat
    from both_sides
    union all select
        5, 'Reservation', currency, total_reservation_cost_excl_vat,
        reservation_cost_excl_vat
    from both_sides
    union all select 6, 'Total', currency, total_cost_excl_vat, expected_excl_vat from both_sides
)

select
    part,
    currency,
    claimed as claimed_excl_vat,
    expected as expected_excl_vat,
    claimed - expected as difference_excl_vat
from parts
where part = 'Total' or claimed is not null or expected <> 0
order by place
