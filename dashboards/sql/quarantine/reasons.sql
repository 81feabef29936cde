-- Why objects were refused.
select partner, module, reason, object_count, last_seen_at
from mart.quarantine_reasons
where $partner is null or partner = $partner
order by object_count desc, partner, module, reason
