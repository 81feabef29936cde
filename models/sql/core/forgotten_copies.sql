-- The groups of copies that lose an EVSE with the forgotten pages.
create or replace temp table touched_copies as
select distinct e.canonical_evse
from core.evses as e
where e.partner = $partner and e.page_id in (select f.page_id from forgotten_pages as f)
