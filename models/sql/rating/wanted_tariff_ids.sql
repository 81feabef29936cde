-- The ids under which each CDR's published tariffs are looked up, in order of preference of
-- where they are named: its periods, its embedded tariffs, its own connector, the connector
-- as published; within one of these in the order of its list (`place`). What the CDR's own
-- connector names is marked: of several it comes first. Ids are compared without regard to case.
create or replace temp table wanted_tariff_ids as
with unnamed as (
    select c.*, c.rowid as cdr_number
    from core.cdrs as c
    where c.rowid not in (select p.cdr_number from period_tariff_ids as p)
),
named as (
    select u.cdr_number, 2 as preference, e.id as tariff_id, u.place
    from (
        select
            cdr_number,
            partner,
            unnest(tariff_hashes) as content_hash,
            generate_subscripts(tariff_hashes, 1) as place
        from unnamed
    ) as u
    join core.embedded_tariffs as e on e.partner = u.partner and e.content_hash = u.content_hash
    union all
    select
        u.cdr_number,
        3 as preference,
        unnest(u.connector_tariff_ids) as tariff_id,
        generate_subscripts(u.connector_tariff_ids, 1) as place
    from unnamed as u
    union all
    select
        u.cdr_number,
        4 as preference,
        unnest(k.tariff_ids) as tariff_id,
        generate_subscripts(k.tariff_ids, 1) as place
    from unnamed as u
    join core.connectors as k
        on k.partner = u.partner
            and k.country_code = u.country_code
            and k.party_id = u.party_id
            and lower(k.location_id) = lower(u.location_id)
            and lower(k.evse_uid) = lower(u.evse_uid)
            and lower(k.id) = lower(u.connector_id)
)
select p.cdr_number, p.tariff_id, 0 as place, false as by_connector
from period_tariff_ids as p
union all
select
    n.cdr_number,
    lower(n.tariff_id) as tariff_id,
    min(n.place) as place,
    bool_or(
        list_contains(list_transform(c.connector_tariff_ids, lambda own: lower(own)), lower(n.tariff_id))
    ) as by_connector
from (
    select *
    from named
    qualify preference = min(preference) over (partition by cdr_number)
) as n
join core.cdrs as c on c.rowid = n.cdr_number
group by n.cdr_number, lower(n.tariff_id)
