-- The staged row of each CDR that is not known yet: its first copy, in page order. CDR
-- ids compare without regard to case, in every version of OCPI (`CiString`).
create or replace temp table fresh_cdrs as
with firsts as (
    select s.country_code, s.party_id, lower(s.id) as id_key, min(s.staged_row) as staged_row
    from staged_cdrs as s
    group by s.country_code, s.party_id, id_key
)
select f.staged_row
from firsts as f
where not exists (
        select 1
        from known_cdrs as k
        where k.id_key = f.id_key and k.country_code = f.country_code and k.party_id = f.party_id
    )
