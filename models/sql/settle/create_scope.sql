-- settle_scope: the CDRs to settle again, by their row in core.cdrs (good for this transaction):
-- all of the partners that are made again, those with a new verdict, and those whose dispute was
-- let go, or taken up again.
create or replace temp table settle_scope as
select c.rowid as n
from core.cdrs as c
where c.partner in (select partner from settle_rebuilt)
union
select c.rowid as n
from core.cdrs as c
inner join (
    select partner, country_code, party_id, id from recon.changed
    union
    select partner, country_code, party_id, id from settle_resolutions_changed
) as k using (partner, country_code, party_id, id)
