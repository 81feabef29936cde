-- Distinct CDRs a pull brought, how many of them are new, and whether every copy of one has the same
-- content, as we have it where it is known.
select
    count(distinct(s.country_code, s.party_id, lower(s.id))) as objects,
    (select count(*) from fresh_cdrs) as fresh,
    count(distinct(s.country_code, s.party_id, lower(s.id), s.content_hash)) = objects
    and count(*) filter (k.content_hash <> s.content_hash) = 0 as is_same
from staged_cdrs as s
left join known_cdrs as k
    on k.id_key = lower(s.id) and k.country_code = s.country_code and k.party_id = s.party_id
