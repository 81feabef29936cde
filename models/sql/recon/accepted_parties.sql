-- The parties whose CDRs are to be expected of each partner, as of its last pull of them.
select p.partner, arg_max(p.parties, p.pull_id) as parties
from ops.pulls as p
where p.module = 'cdrs' and p.ocpi_version is not null
group by p.partner
