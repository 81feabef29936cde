-- The pages of the pulls to forget.
create or replace temp table forgotten_pages as
select p.page_id
from ops.pages as p
where p.partner = $partner and p.pull_id in (select f.pull_id from forgotten_pulls as f)
