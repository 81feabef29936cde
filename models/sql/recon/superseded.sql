-- recon_superseded: CDRs of connections that are no longer in the partners file, of which one that is,
-- or one that left it later, brings the same object, by the party's own key: it is one object,
-- whatever we call the connection.
create temp table recon_superseded as
select c.rowid as n
from core.cdrs as c
where list_contains($former, c.partner)
    and exists (
        select 1 from core.cdrs as o
        where o.country_code = c.country_code and o.party_id = c.party_id
            and lower(o.id) = lower(c.id) and o.partner <> c.partner
            and (
                not list_contains($former, o.partner)
                or (o.fetched_at, o.partner) > (c.fetched_at, c.partner)
            )
    )
