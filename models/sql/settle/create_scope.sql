-- settle_scope: the CDRs to settle again, by their row in core.cdrs (good for this transaction):
-- all of the partners that are made again, those with a new verdict, and those whose dispute was
-- let go, or taken up again, with their credits, which have the rates of what they credit.
create or replace temp table settle_scope as
with keys as (
    select partner, country_code, party_id, id from recon.changed
    union
    select partner, country_code, party_id, id from settle_resolutions_changed
    union
    select r.partner, r.country_code, r.party_id, r.id
    from recon.cdrs as r
    inner join settle_resolutions_changed as k
        on r.partner = k.partner and r.country_code = k.country_code
            and r.party_id = k.party_id and r.credits_id = k.id
)

select c.rowid as n
from core.cdrs as c
where c.partner in (select partner from settle_rebuilt)
union
select c.rowid as n
from core.cdrs as c
inner join keys as k using (partner, country_code, party_id, id)
