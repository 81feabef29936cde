-- CDRs of connections that are no longer in the partners file (`former`), beside each copy of the same
-- object, by the party's own key, that a connection brings which is in it, or that left it later: it is one
-- object, whatever we call the connection. `n` is the row in core.cdrs.
create or replace macro superseded_cdrs(former) as table
    select
        c.rowid as n, c.partner, c.country_code, c.party_id, c.id,
        o.partner as by_partner, o.id as by_id, o.fetched_at as by_fetched_at,
        list_contains(former, o.partner) as by_former
    from core.cdrs as c
    inner join core.cdrs as o
        on c.country_code = o.country_code and c.party_id = o.party_id and lower(c.id) = lower(o.id)
            and c.partner <> o.partner
    where list_contains(former, c.partner)
        and (
            not list_contains(former, o.partner)
            or (o.fetched_at, o.partner) > (c.fetched_at, c.partner)
        )
