-- What each tariff id that a connector names leads to: the party's own tariff; else, where the
-- party never published one of that id, that of the one other party of the partner that has it. The
-- version is the one in force, or where none is yet, the first that will be.
create or replace macro named_tariffs(as_of) as table
    with named as (
        select distinct
            partner, country_code, party_id, lower(unnest(tariff_ids)) as id_key
        from core.connectors
        where removed_at is null
    ),

    tariffs as (
        select
            partner, country_code, party_id, lower(id) as id_key,
            min_by(tariff, in_force_from_at) filter (
                where in_force_to_at is null or in_force_to_at > as_of
            ) as tariff
        from tariffs_in_force()
        group by partner, country_code, party_id, lower(id)
    ),

    others as (
        select
            partner, id_key,
            count(*) as parties,
            any_value(country_code) as country_code,
            any_value(party_id) as party_id,
            any_value(tariff) as tariff
        from tariffs
        group by partner, id_key
    )

    select
        n.partner,
        n.country_code,
        n.party_id,
        n.id_key,
        case
            when own.id_key is not null then if(own.tariff is null, 'ended', 'known')
            when o.parties = 1 then if(o.tariff is null, 'ended', 'known')
            else 'unknown'
        end as state,
        case
            when own.id_key is not null then own.tariff
            when o.parties = 1 then o.tariff
        end as tariff,
        case when own.id_key is not null then own.country_code when o.parties = 1 then o.country_code
        end as owner_country_code,
        case when own.id_key is not null then own.party_id when o.parties = 1 then o.party_id
        end as owner_party_id
    from named as n
    left join tariffs as own
        on n.partner = own.partner and n.country_code = own.country_code
            and n.party_id = own.party_id and n.id_key = own.id_key
    left join others as o on n.partner = o.partner and n.id_key = o.id_key
