-- Why objects were refused; the position in a list is not part of a reason.
insert into mart.quarantine_reasons by name
with reasons as (
    select partner, module, payload_hash, fetched_at, unnest(reasons) as reason
    from core.quarantine
)

select
    partner,
    module,
    regexp_replace(reason, '\[\d+\]', '[]', 'g') as reason,
    count(distinct payload_hash) as object_count,
    max(fetched_at) as last_seen_at
from reasons
group by partner, module, regexp_replace(reason, '\[\d+\]', '[]', 'g')
order by partner, module, reason
