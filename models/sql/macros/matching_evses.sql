-- The EVSEs still there that a filter asks for; null asks for all.
create or replace macro matching_evses(
    in_partner, in_party, in_country, by_operator, of_power, with_standard
) as table
    select e.*
    from mart.evses as e
    where e.removed_at is null
        and matches_place(
            e.partner, e.country_code, e.party_id, e.country, e.operator, e.power_class,
            in_partner, in_party, in_country, by_operator, of_power
        )
        and (with_standard is null or list_contains(e.standards, with_standard))
