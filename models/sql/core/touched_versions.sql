-- The objects whose history a pull may change: numbered, by key; ids compare without case.
-- Not touched: an object of which every copy says what its open version says.
create or replace temp table touched_versions as
with
open_versions as (
    select c.country_code, c.party_id, lower(c.id) as id_key, c.content_hash, c.last_updated_at
    from known_versions as c
    where c.partner = $partner and c.valid_to_at is null
),
news as (
    select s.country_code, s.party_id, lower(s.id) as id_key, false as is_missing
    from staged_versions as s
    where not exists (
            select 1
            from open_versions as o
            where o.country_code = s.country_code
                and o.party_id = s.party_id
                and o.id_key = lower(s.id)
                and o.content_hash = s.content_hash
                and (s.last_updated_at is null or o.last_updated_at = s.last_updated_at)
        )
    union
    select m.country_code, m.party_id, lower(m.object_id) as id_key, true as is_missing
    from live_objects as m
    where m.is_missing
)
select
    row_number() over (order by n.country_code, n.party_id, n.id_key) as object,
    n.country_code, n.party_id, n.id_key, n.is_missing
from news as n
