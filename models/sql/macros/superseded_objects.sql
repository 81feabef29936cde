-- Objects of connections that are no longer in the partners file (`former`) which one that is in it
-- brings, too. `objects` names a table whose key is partner, party and `id`.
create or replace macro superseded_objects(objects, former) as table
    select a.partner, a.country_code, a.party_id, a.id
    from query_table(objects) as a
    where list_contains(former, a.partner)
        and exists (
            select 1 from query_table(objects) as o
            where o.country_code = a.country_code and o.party_id = a.party_id
                and lower(o.id) = lower(a.id) and not list_contains(former, o.partner)
        )
