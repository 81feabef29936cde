-- All that is known of the touched objects: their versions so far (arrival -1), then the copies that
-- the pull brought, in page order.
create or replace temp table version_copies as
select t.object, t.is_missing, -1 as arrival, c.*
from known_versions as c
inner join touched_versions as t
    on t.country_code = c.country_code and t.party_id = c.party_id and t.id_key = lower(c.id)
where c.partner = $partner
union all by name
select t.object, t.is_missing, s.staged_row as arrival, s.* exclude (staged_row)
from staged_versions as s
inner join touched_versions as t
    on t.country_code = s.country_code and t.party_id = s.party_id and t.id_key = lower(s.id)
