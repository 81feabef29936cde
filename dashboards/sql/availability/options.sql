-- What places can be chosen by: one row for each kind of choice and value that occurs.
with living as (
    select country_code, party_id, country, region, city, operator, standards
    from mart.evses
    where removed_at is null
)

select distinct 'party' as kind, country_code || '/' || party_id as value from living
union all
select distinct 'country' as kind, country as value from living
union all
select distinct 'operator' as kind, operator as value from living
union all
select distinct 'region' as kind, region as value from living
union all
select 'city' as kind, mode(coalesce(city, 'unknown')) as value
from living
group by lower(coalesce(city, 'unknown'))
union all
select distinct 'standard' as kind, unnest(standards) as value from living
order by kind, value
