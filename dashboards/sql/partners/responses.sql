-- Responses by HTTP status.
select
    partner, module, http_status, ocpi_status, accepted, count(*) as page_count,
    sum(bytes) as total_bytes, max(fetched_at) as last_at
from ops.pages
where $partner is null or partner = $partner
group by all
order by accepted, partner, module, http_status
