-- How fields broke the spec; the position in a list is not part of where.
insert into mart.deviation_kinds by name
select
    partner,
    module,
    kind,
    regexp_replace(path, '\[\d+\]', '[]', 'g') as path,
    count(*) as field_count,
    count(distinct(country_code, party_id, object_id)) as deviating_count,
    arg_min(original, (fetched_at, page_id, object_id, original)) as example_original,
    arg_min(repaired, (fetched_at, page_id, object_id, original)) as example_repaired,
    max(fetched_at) as last_seen_at
from core.deviations
group by partner, module, kind, regexp_replace(path, '\[\d+\]', '[]', 'g')
order by partner, module, kind, path
