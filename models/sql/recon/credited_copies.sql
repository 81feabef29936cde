-- recon_credited_copies: copies of claims that a credit takes something off, by the connection whose copy
-- stands before theirs: what a party took back on its own connection, a hub's copy does not claim again.
create temp table recon_credited_copies as
select
    c.n,
    arg_min(struct_pack(o.id, o.partner, is_other_kind := o.is_hub <> c.is_hub), o.precedence)
        as standing
from recon_claims as c
join recon_claims as o
    on o.country_code = c.country_code
        and o.party_id = c.party_id
        and o.id_key = c.id_key
        and o.made_at = c.made_at
        and o.precedence < c.precedence
where not c.credit
    and o.n in (select x.n from recon_cancellations as x)
    and o.n not in (select s.n from recon_superseded as s)
    and o.n not in (select s.n from recon_unaccepted as s)
    and c.n not in (select x.n from recon_cancellations as x)
    and c.n not in (select s.n from recon_superseded as s)
    and c.n not in (select s.n from recon_unaccepted as s)
group by c.n
