-- One refused object as it was sent, people's identifiers masked.
select payload, reasons, page_id, fetched_at
from core.quarantine
where partner = $partner and module = $module and payload_hash = $payload_hash
