-- Refused objects with one reason.
select partner, module, object_id, reasons, fetched_at, page_id, payload_hash
from core.quarantine
where partner = $partner and module = $module
    and list_contains(
        list_transform(reasons, lambda x: regexp_replace(x, '\[\d+\]', '[]', 'g')), $reason
    )
order by fetched_at desc, payload_hash
