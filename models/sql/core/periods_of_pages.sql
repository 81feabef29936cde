-- The charging periods of the CDRs that the given pages brought.
select {columns}
from core.charging_periods as c
where exists (
  select 1
  from core.cdrs as d
  where d.partner = c.partner
    and d.country_code = c.country_code
    and d.party_id = c.party_id
    and d.id = c.cdr_id
    and d.page_id in (select unnest($page_ids::varchar[]))
)
