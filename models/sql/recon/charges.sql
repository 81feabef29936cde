-- recon_charges: the claims that are set against one another in time: those that stand, are no
-- copies of others, and have a start and an end.
create temp table recon_charges as
select l.*
from recon_open_claims as l
where l.n not in (select d.n from recon_duplicates as d)
    and l.n not in (select d.n from recon_near_duplicates as d)
    and l.start_at >= timestamptz '1970-01-02 00:00:00+00'
    and l.end_at > l.start_at
