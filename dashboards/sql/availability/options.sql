-- What places can be chosen by: one row for each kind of choice and value that occurs.
with living as (
    select country_code, party_id, country, operator, power_class, standards
    from mart.evses
    where removed_at is null
)

select distinct 'party' as kind, country_code || '/' || party_id as value from living
union all
select distinct 'country' as kind, country as value from living
union all
select distinct 'operator' as kind, operator as value from living
union all
select distinct 'power' as kind, power_class as value from living
union all
select distinct 'standard' as kind, unnest(standards) as value from living
order by kind, value
