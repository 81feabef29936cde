-- CDRs of connections that are no longer in the partners file (`former`), each with the same object, by
-- the party's own key, as a connection that is in it, or that left it later, brings it: it is one object,
-- whatever we call the connection. `n` is the row in core.cdrs.
create or replace macro superseded_cdrs(former) as table
    select
        c.rowid as n, c.partner, c.country_code, c.party_id, c.id,
        arg_min(o.partner, (list_contains(former, o.partner), o.partner, o.id)) as by_partner,
        arg_min(o.id, (list_contains(former, o.partner), o.partner, o.id)) as by_id
    from core.cdrs as c
    inner join core.cdrs as o
        on c.country_code = o.country_code and c.party_id = o.party_id and lower(c.id) = lower(o.id)
            and c.partner <> o.partner
    where list_contains(former, c.partner)
        and (
            not list_contains(former, o.partner)
            or (o.fetched_at, o.partner) > (c.fetched_at, c.partner)
        )
    group by all
