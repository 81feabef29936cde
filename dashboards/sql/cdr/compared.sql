-- One CDR's parts as claimed, as expected by one tariff source, and by the published and agreed ones.
with claim as (
    select *
    from core.cdrs
    where id = $id and partner = $partner and country_code = $country_code and party_id = $party_id
),

priced as (
    select *
    from rating.cdrs
    where cdr_id = $id and partner = $partner and country_code = $country_code
        and party_id = $party_id and state = 'priced'
),

amounts as (
    select
        'claimed' as who, total_energy_cost_excl_vat as energy, total_time_cost_excl_vat as time,
        total_parking_cost_excl_vat as parking, total_fixed_cost_excl_vat as fixed,
        total_reservation_cost_excl_vat as reservation, total_cost_excl_vat as total
    from claim
    union all
    select
        source as who, energy_cost_excl_vat as energy, time_cost_excl_vat as time,
        parking_cost_excl_vat as parking, fixed_cost_excl_vat as fixed,
        reservation_cost_excl_vat as reservation, expected_excl_vat as total
    from priced
),

parts as (
    select
        who,
        unnest([
            { 'place': 1, 'name': 'Energy', 'amount': energy },
            { 'place': 2, 'name': 'Time', 'amount': time },
            { 'place': 3, 'name': 'Parking', 'amount': parking },
            { 'place': 4, 'name': 'Fixed', 'amount': fixed },
            { 'place': 5, 'name': 'Reservation', 'amount': reservation },
            { 'place': 6, 'name': 'Total', 'amount': total }
        ]) as part
    from amounts
)

select
    p.part.name as part,
    any_value(c.currency) as currency,
    max(p.part.amount) filter (where p.who = 'claimed') as claimed_excl_vat,
    max(p.part.amount) filter (where p.who = $source) as expected_excl_vat,
    max(p.part.amount) filter (where p.who = 'claimed')
    - max(p.part.amount) filter (where p.who = $source) as difference_excl_vat,
    max(p.part.amount) filter (where p.who = 'published') as published_excl_vat,
    max(p.part.amount) filter (where p.who = 'agreement') as agreement_excl_vat
from parts as p
cross join claim as c
group by p.part.place, p.part.name
having p.part.name = 'Total' or claimed_excl_vat is not null or bool_or(p.part.amount <> 0)
order by p.part.place
