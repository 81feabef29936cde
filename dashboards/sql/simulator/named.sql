-- The current versions of the tariffs that a connector names: the party's own, else that of the
-- one other party of the partner that has one of that id.
with current_tariffs as (
    select
        country_code, party_id, id, lower(id) as id_key, tariff,
        country_code = $country_code and party_id = $party_id as is_own
    from core.tariffs
    where partner = $partner and valid_to_at is null
        and list_contains($ids::varchar[], lower(id))
)

select id, id_key, tariff
from current_tariffs as t
where is_own
    or (
        (select count(*) from current_tariffs as o where o.id_key = t.id_key) = 1
        and not exists (
            select 1 from core.tariffs as o
            where o.partner = $partner and o.country_code = $country_code
                and o.party_id = $party_id and lower(o.id) = t.id_key
        )
    )
order by list_position($ids::varchar[], id_key)
