-- A partner's pages that counted until a time, as lines to hash.
select page_id || ' ' || sha256
from ops.pages
where partner = $partner and accepted and fetched_at <= $until
order by page_id
