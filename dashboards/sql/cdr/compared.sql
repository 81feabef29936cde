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
    unpivot include nulls amounts on energy, time, parking, fixed, reservation, total
    into name part value amount
)

select
    upper(p.part[1]) || p.part[2:] as part,
    any_value(c.currency) as currency,
    max(p.amount) filter (where p.who = 'claimed') as claimed_excl_vat,
    max(p.amount) filter (where p.who = $source) as expected_excl_vat,
    max(p.amount) filter (where p.who = 'claimed') - max(p.amount) filter (where p.who = $source)
        as difference_excl_vat,
    max(p.amount) filter (where p.who = 'published') as published_excl_vat,
    max(p.amount) filter (where p.who = 'agreement') as agreement_excl_vat
from parts as p
cross join claim as c
group by p.part
having p.part = 'total' or claimed_excl_vat is not null or bool_or(p.amount <> 0)
order by list_position(['energy', 'time', 'parking', 'fixed', 'reservation', 'total'], p.part)
