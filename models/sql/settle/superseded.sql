-- CDRs of partners that left the partners file, each with the same object as a partner that is in it,
-- or that left it later, brings it: it is one, whatever we call the connection.
select
    c.partner, c.country_code, c.party_id, c.id,
    arg_min(o.partner, (list_contains($former, o.partner), o.partner, o.id)) as by_partner,
    arg_min(o.id, (list_contains($former, o.partner), o.partner, o.id)) as by_id
from core.cdrs as c
inner join core.cdrs as o
    on c.country_code = o.country_code and c.party_id = o.party_id and lower(c.id) = lower(o.id)
        and c.partner <> o.partner
where list_contains($former, c.partner)
    and (
        not list_contains($former, o.partner)
        or (o.fetched_at, o.partner) > (c.fetched_at, c.partner)
    )
group by all
order by all
