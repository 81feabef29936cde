-- Each published version of a tariff with the time during which it is in force: from the later of its
-- `valid_from_at` and its own start (`start_date_time`) until a later version is in force, or the
-- tariff goes away. A version announced ahead leaves the one before it in force until it starts; one
-- that was replaced before it started was never in force, and is left out.
create or replace macro tariffs_in_force() as table
    with
    versions as (
        select
            t.*,
            greatest(t.valid_from_at, t.start_at) as in_force_from_at,
            -- Where no other version follows at once, the tariff went away.
            nullif(t.valid_to_at, lead(t.valid_from_at) over one_tariff) as removed_at
        from core.tariffs as t
        window one_tariff as (
            partition by t.partner, t.country_code, t.party_id, lower(t.id)
            order by t.valid_from_at, t.valid_to_at
        )
    ),
    bounds as (
        select
            v.*,
            least(
                min(v.in_force_from_at) over (
                    one_tariff rows between 1 following and unbounded following
                ),
                min(v.removed_at) over (one_tariff rows between current row and unbounded following)
            ) as in_force_to_at
        from versions as v
        window one_tariff as (
            partition by v.partner, v.country_code, v.party_id, lower(v.id)
            order by v.valid_from_at, v.valid_to_at
        )
    )
    select b.* exclude (removed_at)
    from bounds as b
    where b.in_force_to_at is null or b.in_force_to_at > b.in_force_from_at
